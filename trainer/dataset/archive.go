package dataset

// Archive is a published .tar.gz of a data set: where it is, how to know it, and which files it must hold.
type Archive struct {
	Name    string // what the user types: "cifar-100"
	Title   string
	URL     string
	Size    int64  // bytes
	MD5     string // 32 hexadecimal digits, as its authors publish it
	Folder  string // the folder inside that holds the members
	Members []Member
}

// Member is one file that is unpacked. Whatever else the archive holds is left in it.
type Member struct {
	Name string // inside Folder, and in the data folder afterwards
	Size int64  // bytes; 0 for a text file that may have any size up to maxText
}

// Archives lists what Fetch can get. Both are the data sets of A. Krizhevsky, "Learning multiple layers of features from tiny
// images" (2009).
func Archives() []Archive {
	const cifarBatch = 10_000 * (1 + 3*32*32)
	batches := []Member{{Name: cifar10Test, Size: cifarBatch}, {Name: cifar10Names}}
	for _, name := range cifar10Batches() {
		batches = append(batches, Member{Name: name, Size: cifarBatch})
	}
	return []Archive{{
		Name: "cifar-10", Title: "CIFAR-10, binary version",
		URL:  "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
		Size: 170_052_171, MD5: "c32a1d4ab5d03f1284b67883e8d87530",
		Folder: "cifar-10-batches-bin", Members: batches,
	}, {
		Name: "cifar-100", Title: "CIFAR-100, binary version",
		URL:  "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
		Size: 168_513_733, MD5: "03b5dce01913d631647c71ecec9e9cb8",
		Folder: "cifar-100-binary", Members: []Member{
			{Name: cifar100Train, Size: 50_000 * (2 + 3*32*32)},
			{Name: cifar100Test, Size: 10_000 * (2 + 3*32*32)},
			{Name: cifar100Names},
		},
	}}
}

// ArchiveByName finds one of Archives.
func ArchiveByName(name string) (Archive, bool) {
	for _, a := range Archives() {
		if a.Name == name {
			return a, true
		}
	}
	return Archive{}, false
}
