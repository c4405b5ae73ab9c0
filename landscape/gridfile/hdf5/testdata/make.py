"""Makes the fixtures of this folder with h5py. Run it in this folder: python3 make.py

Each file holds the same members in another form of HDF5:
    x          0, 0.5, 1, 1.5, 2       float64
    grid       row*10 + col            float32, 3 x 4
    big        row*10 + col            big-endian float64, 3 x 4
    half       0.5, -2, inf            float16
    ints       -3 … 3                  int16
    bytes      250 … 255               uint8
    flags      True, False             bool (an enumeration)
    text       "δ = ηC/√b"             variable length
    fixed      "abc"                   fixed length
    chunked    row*10 + col            float64, 37 x 23 in chunks of 10 x 6, gzip, shuffle, Fletcher-32
    empty      nothing written, fill value -1
    many/0 … 99 one number each, as many as the name says
"""
import h5py
import numpy as np

def fill(f):
    f['x'] = np.linspace(0, 2, 5)
    f['grid'] = np.add.outer(10 * np.arange(3), np.arange(4)).astype('f4')
    f['big'] = np.add.outer(10 * np.arange(3), np.arange(4)).astype('>f8')
    f['half'] = np.array([0.5, -2, np.inf], 'f2')
    f['ints'] = np.arange(-3, 4).astype('i2')
    f['bytes'] = np.arange(250, 256).astype('u1')
    f['flags'] = np.array([True, False])
    f['text'] = 'δ = ηC/√b'
    f['fixed'] = np.bytes_('abc')
    f.create_dataset('chunked', data=np.add.outer(10.0 * np.arange(37), np.arange(23)), chunks=(10, 6),
                     compression='gzip', shuffle=True, fletcher32=True)
    f.create_dataset('empty', shape=(2, 3), dtype='f8', fillvalue=-1)
    many = f.create_group('many')
    for i in range(100):
        many[str(i)] = float(i)

for name in 'earliest', 'latest':
    with h5py.File(name + '.h5', 'w', libver=name) as f:
        fill(f)
with h5py.File('userblock.h5', 'w', libver='earliest', userblock_size=512) as f:
    f['x'] = np.linspace(0, 2, 5)
    f['text'] = 'δ = ηC/√b'

# What the newest form adds.
with h5py.File('latest-chunks.h5', 'w', libver='latest') as f:
    values = np.add.outer(10.0 * np.arange(37), np.arange(23))
    f.create_dataset('single', data=values, chunks=(37, 23))
    f.create_dataset('single-gzip', data=values, chunks=(37, 23), compression='gzip')
    f.create_dataset('fixed', data=values, chunks=(10, 6))
    f.create_dataset('paged', data=np.arange(3000.0), chunks=(2,))
    f.create_dataset('holes', shape=(3000,), dtype='f8', chunks=(2,), fillvalue=7)
    f['holes'][2500:2502] = (1, 2)
    low = f.create_dataset('compact', data=values[:2, :3])
    space = h5py.h5s.create_simple((37, 23))
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((10, 6))
    plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    h5py.h5d.create(f.id, b'implicit', h5py.h5t.IEEE_F64LE, space, plist)
    f['implicit'][...] = values
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_layout(h5py.h5d.COMPACT)
    h5py.h5d.create(f.id, b'in-header', h5py.h5t.IEEE_F64LE, h5py.h5s.create_simple((5,)), plist)
    f['in-header'][...] = np.linspace(0, 2, 5)

# What is refused, by its name.
with h5py.File('refused.h5', 'w', libver='earliest') as f:
    f.create_dataset('lzf', data=np.arange(100.0), compression='lzf')
    f['compound'] = np.zeros(2, [('a', 'f8'), ('b', 'i4')])
    f.create_dataset('sequence', (2,), h5py.vlen_dtype('f8'))
    f['type'] = np.dtype('f8')
    f.create_dataset('committed', (2,), f['type'])
    f['complex'] = np.zeros(2, 'c16')
    f['soft'] = h5py.SoftLink('/lzf')
with h5py.File('refused-latest.h5', 'w', libver='latest') as f:
    f.create_dataset('growing', data=np.arange(100.0), chunks=(10,), maxshape=(None,))
