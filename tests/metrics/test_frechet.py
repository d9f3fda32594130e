import numpy as np
import pytest
import scipy.linalg

from keras_mdgan.metrics import (
    Features,
    FrechetStatistics,
    Source,
    frechet,
    frechet_distance,
    frechet_statistics,
)
from keras_mdgan.metrics import statistics as statistics_module

pytestmark = pytest.mark.host

GENERATOR = np.random.default_rng(0)


def statistics(mean, covariance, n=10**6):
    return FrechetStatistics(np.array(mean, "f8"), np.array(covariance, "f8"), n)


def by_definition(x, y):
    """The formula with SciPy's root of the product."""
    c1, c2 = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    root = scipy.linalg.sqrtm(c1 @ c2).real
    squared = np.sum((x.mean(axis=0) - y.mean(axis=0)) ** 2)
    return squared + np.trace(c1 + c2 - 2 * root)


def rotation(dim):
    return np.linalg.qr(np.random.default_rng(1).normal(size=(dim, dim)))[0]


@pytest.mark.parametrize("dim", [2, 20, 100])
def test_is_the_definition_by_scipy(dim):
    mix = rotation(dim) * np.linspace(0.5, 3, dim)
    x = GENERATOR.normal(size=(1500, dim)) @ mix + 1
    y = GENERATOR.normal(size=(1200, dim)) @ mix.T - 0.5
    assert float(frechet_distance(x, y)) == pytest.approx(by_definition(x, y), 1e-9)


def test_one_dimension():
    x, y = GENERATOR.normal(size=(50, 1)), GENERATOR.normal(size=(70, 1)) * 3 + 1
    wanted = (x.mean() - y.mean()) ** 2 + (x.std(ddof=1) - y.std(ddof=1)) ** 2
    assert float(frechet_distance(x, y)) == pytest.approx(wanted, rel=1e-12)


def test_equal_covariances_leave_the_distance_of_the_means():
    x = GENERATOR.normal(size=(300, 8))
    shift = np.arange(8.0)
    distance = frechet_distance(x, x + shift)
    assert float(distance) == pytest.approx(np.sum(shift**2), rel=1e-12)
    assert float(frechet_distance(x, x)) == pytest.approx(0, abs=1e-12)


def test_commuting_covariances():
    a, b = np.linspace(0.1, 4, 30), np.linspace(9, 1, 30)
    wanted = np.sum((np.sqrt(a) - np.sqrt(b)) ** 2)
    for q in (np.eye(30), rotation(30)):
        one = statistics(np.zeros(30), q @ np.diag(a) @ q.T)
        two = statistics(np.zeros(30), q @ np.diag(b) @ q.T)
        assert float(frechet_distance(one, two)) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("rank", [0, 1, 3, 19])
def test_rank_deficient_closed_form(rank):
    q = rotation(20)
    a = np.where(np.arange(20) < rank, 2.0, 0.0)
    b = np.where(np.arange(20) >= rank - 1, 5.0, 0.0)
    one = statistics(np.zeros(20), q @ np.diag(a) @ q.T)
    two = statistics(np.zeros(20), q @ np.diag(b) @ q.T)
    wanted = np.sum((np.sqrt(a) - np.sqrt(b)) ** 2)
    # The covariance itself knows its zeros only to rounding, the root to its root.
    assert float(frechet_distance(one, two)) == pytest.approx(wanted, rel=1e-6)


def exact_distance(x, y):
    """By the eigenvalues of a Gram matrix, to 60 digits."""
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(60):
        a, b = mpmath.matrix(x.tolist()), mpmath.matrix(y.tolist())
        means = []
        for m in (a, b):
            mean = [mpmath.fsum(m[:, j]) / m.rows for j in range(m.cols)]
            for i in range(m.rows):
                for j in range(m.cols):
                    m[i, j] = (m[i, j] - mean[j]) / mpmath.sqrt(m.rows - 1)
            means.append(mean)
        cross = a * b.T
        roots = [mpmath.sqrt(abs(v)) for v in mpmath.eigsy(cross * cross.T)[0]]
        total = mpmath.fsum([v**2 for v in a]) + mpmath.fsum([v**2 for v in b])
        squared = mpmath.fsum([(p - q) ** 2 for p, q in zip(*means)])
        return float(squared + total - 2 * mpmath.fsum(roots))


@pytest.mark.parametrize(("n", "m"), [(5, 7), (6, 40), (40, 6), (12, 13)])
def test_fewer_vectors_than_dimensions(n, m):
    x = GENERATOR.normal(size=(n, 12)) + 1
    y = GENERATOR.normal(size=(m, 12)) * np.linspace(0.1, 2, 12)
    wanted = exact_distance(x, y)
    assert float(frechet_distance(x, y)) == pytest.approx(wanted, rel=1e-12)
    # From covariances, which have lost half of the digits of their zeros.
    from_statistics = frechet_distance(frechet_statistics(x), frechet_statistics(y))
    assert float(from_statistics) == pytest.approx(wanted, rel=1e-7)
    mixed = frechet_distance(x, iter([y[:3], y[3:]]))
    assert float(mixed) == pytest.approx(wanted, rel=1e-7)


def test_dead_features_and_collapsed_samples():
    x = GENERATOR.normal(size=(100, 6)) * [1, 2, 0, 3, 0, 1]
    y = GENERATOR.normal(size=(100, 6)) * [1, 0, 0, 1, 2, 1]
    dead = frechet_distance(np.delete(x, 2, axis=1), np.delete(y, 2, axis=1))
    assert float(frechet_distance(x, y)) == pytest.approx(float(dead), rel=1e-9)
    point = np.tile([1.0, 0, 0, 0, 0, 0], (50, 1))
    squared = np.sum((x.mean(axis=0) - point[0]) ** 2)
    wanted = squared + np.trace(np.cov(x, rowvar=False))
    assert float(frechet_distance(x, point)) == pytest.approx(wanted, rel=1e-12)
    assert float(frechet_distance(point, point)) == 0.0


@pytest.mark.parametrize("batch_size", [1, 13, 999, 2500])
def test_statistics_are_those_of_numpy_and_ignore_the_batch_size(
    batch_size, monkeypatch
):
    monkeypatch.setattr(statistics_module, "_ROWS", 1000)
    x = np.random.default_rng(3).normal(size=(2500, 6)) + 1e4
    whole = frechet_statistics(x)
    assert np.allclose(whole.mean, x.mean(axis=0), rtol=1e-14, atol=0)
    assert np.allclose(whole.covariance, np.cov(x, rowvar=False), rtol=0, atol=1e-12)
    assert whole.n == 2500
    stream = frechet_statistics(
        x[i : i + batch_size] for i in range(0, 2500, batch_size)
    )
    assert np.array_equal(stream.mean, whole.mean)
    assert np.array_equal(stream.covariance, whole.covariance)


def test_far_from_the_origin_nothing_is_lost_to_cancellation(monkeypatch):
    x = GENERATOR.integers(-3, 4, size=(3000, 3)).astype("f8")
    monkeypatch.setattr(statistics_module, "_ROWS", 500)
    near, far = frechet_statistics(x), frechet_statistics(x + 2.0**30)
    assert np.allclose(near.covariance, far.covariance, rtol=1e-12, atol=1e-12)
    single = frechet_statistics((x + 100).astype("f4")).covariance
    assert np.allclose(near.covariance, single, rtol=1e-12, atol=1e-12)


def test_the_features_are_left_as_they_were():
    x = GENERATOR.normal(size=(30, 3))
    before = x.copy()
    frechet_distance(x, x[:2])
    assert np.array_equal(x, before)


def test_saved_statistics(tmp_path):
    source = Source("mnist/test", "digits 1", "none")
    made = frechet_statistics(Features(GENERATOR.normal(size=(30, 3)), source=source))
    made.save(tmp_path / "deep" / "real.npz")
    read = FrechetStatistics.load(tmp_path / "deep" / "real.npz")
    assert np.array_equal(read.mean, made.mean)
    assert np.array_equal(read.covariance, made.covariance)
    assert (read.n, read.source) == (30, source)
    assert float(frechet_distance(read, made)) == pytest.approx(0, abs=1e-12)
    other = Features(np.eye(3), source=Source(extractor="digits 2"))
    with pytest.raises(ValueError, match=r"one extractor.*digits 1.*digits 2"):
        frechet_distance(read, other)


def test_damaged_statistics_are_refused(tmp_path):
    path = tmp_path / "real.npz"
    made = frechet_statistics(GENERATOR.normal(size=(30, 3)))
    made.save(path)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[whole.index(made.covariance.tobytes()) + 5] ^= 1
    for damaged in (whole[:-100], b"", b"PK and more", bytes(flipped)):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"real\.npz is damaged"):
            FrechetStatistics.load(path)
    np.savez(path, mean=np.array([object()]), covariance=1, n=3, source="{}")
    with pytest.raises(ValueError, match=r"real\.npz is damaged"):
        FrechetStatistics.load(path)
    np.savez(path, mean=np.ones(2), covariance=np.eye(3), n=3, source="{}")
    with pytest.raises(ValueError, match=r"shapes \(2,\), \(3, 3\)"):
        FrechetStatistics.load(path)
    with pytest.raises(FileNotFoundError, match=r"nothing\.npz"):
        FrechetStatistics.load(tmp_path / "nothing.npz")


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "real.npz"
    made = frechet_statistics(GENERATOR.normal(size=(30, 3)))
    made.save(path)
    before = path.read_bytes()

    def full(*args, **kwargs):
        raise OSError("no space left")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="no space"):
        made.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_large_problems_take_the_quick_way_where_it_is_exact(monkeypatch):
    x, y = GENERATOR.normal(size=(400, 30)), GENERATOR.normal(size=(300, 30)) * 2
    slow = float(frechet_distance(x, y))
    q = rotation(30)
    a = np.where(np.arange(30) < 15, 1.0, 0.0)
    b = np.where(np.arange(30) < 10, 0.0, 4.0)
    closed = [statistics(np.zeros(30), q @ np.diag(c) @ q.T) for c in (a, b)]
    monkeypatch.setattr(frechet, "_LARGE", 9)
    svd, calls = np.linalg.svd, []
    monkeypatch.setattr(
        np.linalg, "svd", lambda *a, **k: calls.append(a) or svd(*a, **k)
    )
    assert float(frechet_distance(x, y)) == pytest.approx(slow, rel=1e-11)
    assert not calls
    assert float(frechet_distance(*closed)) == pytest.approx(10 + 5 + 60, rel=1e-12)
    assert calls


def test_one_vector_has_no_covariance():
    with pytest.raises(ValueError, match=r"`features` must have at least 2.*: 1"):
        frechet_statistics(np.ones((1, 3)))
    with pytest.raises(ValueError, match=r"`fake` must have at least 2.*: 1"):
        frechet_distance(np.eye(3), np.ones((1, 3)))
