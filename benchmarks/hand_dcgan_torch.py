"""The DCGAN loop a PyTorch user would write by hand.

Modules in channels-last layout, fused Adam, autocast for bfloat16; eager or compiled.
"""

import torch
from torch import nn
from torch.nn.functional import softplus


def networks(latent_dim):
    """Those of `km.networks.dcgan_generator` and `dcgan_discriminator`, 28x28x1."""
    generator = nn.Sequential(
        nn.Linear(latent_dim, 1024, bias=False),
        nn.BatchNorm1d(1024),
        nn.ReLU(),
        nn.Linear(1024, 128 * 49, bias=False),
        nn.BatchNorm1d(128 * 49),
        nn.ReLU(),
        nn.Unflatten(1, (128, 7, 7)),
        nn.ConvTranspose2d(128, 64, 4, 2, 1, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.ConvTranspose2d(64, 1, 4, 2, 1),
        nn.Tanh(),
    )
    discriminator = nn.Sequential(
        nn.Conv2d(1, 64, 4, 2, 1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(64, 128, 4, 2, 1),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(128 * 49, 1024),
        nn.LeakyReLU(0.2),
        nn.Linear(1024, 1),
    )
    return generator, discriminator


def runner(batch_size, latent_dim, precision="float32", compiled=False):
    """A function that trains on `(steps, batch, 28, 28, 1)` arrays; and the sizes."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    generator, discriminator = (
        n.to(device, memory_format=torch.channels_last) for n in networks(latent_dim)
    )
    d_adam, g_adam = (
        torch.optim.Adam(n.parameters(), 2e-4, (0.5, 0.999), fused=True)
        for n in (discriminator, generator)
    )
    mixed = precision == "mixed_bfloat16"

    def generate():
        return generator(torch.rand(batch_size, latent_dim, device=device) * 2 - 1)

    def d_loss(x):
        with torch.autocast(device, torch.bfloat16, mixed):
            with torch.no_grad():
                fake = generate()
            on_real, on_fake = discriminator(x).float(), discriminator(fake).float()
        return softplus(-on_real).mean() + softplus(on_fake).mean()

    def g_loss():
        with torch.autocast(device, torch.bfloat16, mixed):
            on_fake = discriminator(generate()).float()
        return softplus(-on_fake).mean()

    if compiled:
        d_loss, g_loss = torch.compile(d_loss), torch.compile(g_loss)

    def run(batches):
        total = torch.zeros((), device=device)
        for x in torch.from_numpy(batches).permute(0, 1, 4, 2, 3):
            d_adam.zero_grad()
            loss = d_loss(x.to(device))
            loss.backward()
            d_adam.step()
            g_adam.zero_grad()
            loss_g = g_loss()
            loss_g.backward()
            g_adam.step()
            total += loss.detach() + loss_g.detach()
        return float(total) / len(batches)

    sizes = [sum(p.numel() for p in n.parameters()) for n in (generator, discriminator)]
    return run, sizes
