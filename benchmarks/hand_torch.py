"""The loops a PyTorch user would write by hand: modules, Adam, eager steps."""

import torch
from torch import nn
from torch.nn import functional


def networks(weights):
    """Generator and discriminator with the given kernels and biases."""

    def layers(arrays, activation):
        modules = []
        for kernel, bias in zip(arrays[::2], arrays[1::2]):
            linear = nn.Linear(*kernel.shape)
            linear.weight.data = torch.tensor(kernel.T.copy())
            linear.bias.data = torch.tensor(bias)
            modules += [linear, activation()]
        return modules[:-1]

    generator = nn.Sequential(*layers(weights["generator"], nn.ReLU), nn.Tanh())
    discriminator = nn.Sequential(
        *layers(weights["discriminator"], lambda: nn.LeakyReLU(0.2))
    )
    return generator, discriminator


def vanilla():
    def d_loss(real, fake):
        return functional.softplus(-real).mean() + functional.softplus(fake).mean()

    return d_loss, lambda fake: functional.softplus(-fake).mean()


def mixture_density(vertices, variance=0.25):
    vertices = torch.tensor(vertices)

    def log_ratio(outputs):
        e = 5.0 * torch.sigmoid(outputs) - 2.5
        squared = (e[:, None, :] - vertices).square().sum(-1).min(-1).values
        return -squared / (2 * variance)

    def d_loss(real, fake):
        fake = log_ratio(fake).clamp(max=-1e-6)
        return -log_ratio(real).mean() - torch.log(-torch.expm1(fake)).mean()

    return d_loss, lambda fake: -log_ratio(fake).mean()


def runner(model, weights, vertices, batch_size, output_range):
    """A function that trains on `(steps, batch, 2)` arrays, step after step."""
    generator, discriminator = networks(weights)
    d_loss, g_loss = vanilla() if model == "vanilla" else mixture_density(vertices)
    d_adam = torch.optim.Adam(discriminator.parameters(), 1e-3, (0.5, 0.999))
    g_adam = torch.optim.Adam(generator.parameters(), 1e-3, (0.5, 0.999))

    def generate():
        return output_range * generator(torch.rand(batch_size, 2) * 2 - 1)

    def run(batches):
        total = torch.zeros(())
        for x in torch.from_numpy(batches):
            with torch.no_grad():
                fake = generate()
            loss = d_loss(discriminator(x), discriminator(fake))
            d_adam.zero_grad()
            loss.backward()
            d_adam.step()
            loss_g = g_loss(discriminator(generate()))
            g_adam.zero_grad()
            loss_g.backward()
            g_adam.step()
            total += loss.detach() + loss_g.detach()
        return float(total) / len(batches)

    return run
