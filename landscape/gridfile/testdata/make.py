"""Makes the fixtures of this folder with NumPy and h5py. Run it in this folder: python3 make.py

The grids are row*10 + col + 0.5 on x = 0, 0.5, 1, 1.5 and y = -1, 0, 1: three rows, four columns.
"""
import h5py
import numpy as np
from numpy.lib import format

x, y = np.linspace(0, 1.5, 4), np.linspace(-1, 1, 3)
z = np.add.outer(10 * np.arange(3), np.arange(4)) + 0.5

# NPY: every type, order and version.
for name in 'f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8'.split():
    for order in '<>':
        if name[1] == '1' and order == '>':
            continue
        np.save(f"{'le' if order == '<' else 'be'}-{name}.npy", z.astype(order + name))
np.save('bool.npy', z > 11)
np.save('fortran.npy', np.asfortranarray(z))
for version in (1, 0), (2, 0), (3, 0):
    with open(f'version{version[0]}.npy', 'wb') as f:
        format.write_array(f, z, version=version)
np.save('empty.npy', np.zeros((0, 4)))
np.save('cube.npy', np.zeros((2, 2, 2)))
np.save('line.npy', x)
np.save('complex.npy', z.astype('c16'))
np.save('fields.npy', np.zeros(2, [('a', 'f8'), ('b', 'i4')]))
np.save('objects.npy', np.array([{}, None], dtype=object), allow_pickle=True)
np.save('text.npy', np.array('δ'))

# NPZ: stored and deflated, axes as lines and as meshes, notes, what is left out.
np.savez('stored.npz', x=x, y=y, loss=z)
np.savez_compressed('deflated.npz', xcoordinates=x, ycoordinates=y, train_loss=z.astype('f4'), test_loss=z + 1, label='slice smoothing', note_2=b'bytes')
X, Y = np.meshgrid(x, y)
np.savez('mesh.npz', X=X, Y=Y, Z=z)
np.savez('falling.npz', x=x[::-1], y=y[::-1], z=z[::-1, ::-1])
np.savez('no-axes.npz', loss=z)
np.savez('pickle.npz', x=x, y=y, z=z, config={'lr': 0.1})
np.savez('turned.npz', x=x, y=y, z=z.T)
np.savez('half-axes.npz', x=x, z=z)
# What the reference implementation writes: the array is allocated (len(x), len(y)) and filled in the order of the mesh.
def surface(name, z, **options):
    with h5py.File(name, 'w', **options) as f:
        f['dir_file'] = 'resnet56_weights_xnorm=filter.h5'
        f['xcoordinates'], f['ycoordinates'] = x, y
        loss = -np.ones((len(x), len(y)))
        loss.ravel()[:] = z.ravel()
        f['train_loss'] = loss
        f['train_acc'] = 100 - loss

surface('surface.h5', z)
surface('surface-latest.h5', z, libver='latest')
half = z.copy()
half[1:] = -1
surface('surface-half-done.h5', half)
with h5py.File('line.h5', 'w') as f:
    f['xcoordinates'], f['train_loss'] = x, z[0]
with h5py.File('trajectory.h5', 'w') as f:
    f['proj_xcoord'], f['proj_ycoord'] = np.arange(5.0), np.arange(5.0) ** 2
rng = np.random.default_rng(1)
tensors = [rng.normal(size=shape).astype('f4') for shape in [(2, 3, 3, 3), (2,), (10, 4), (10,)]]
with h5py.File('directions.h5', 'w') as f:
    for group in 'xdirection', 'ydirection':
        g = f.create_group(group)
        for i, t in enumerate(tensors):
            g.create_dataset(str(i), data=t)
    f['explained_variance_ratio_'] = [0.8, 0.15]
    f['singular_values_'] = [3.0, 1.0]
