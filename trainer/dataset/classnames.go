package dataset

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxText bounds a file of class names.
const maxText = 64 << 10

// classNames reads one name a line; empty lines are left out. If there is no such file the usual names are taken.
func (f folder) classNames(name string, usual []string) ([]string, error) {
	if !f.has(name) {
		return usual, nil
	}
	file, err := f.open(name)
	if err != nil {
		return nil, err
	}
	names, err := readNames(&file.reader, len(usual))
	if changed := file.close(); changed != nil {
		return nil, changed
	}
	return names, err
}

// readNames is the parser: exactly want names, in UTF-8.
func readNames(r *reader, want int) ([]string, error) {
	const doing = "reading the class names"
	text, err := io.ReadAll(io.LimitReader(r.r, maxText+1))
	if err != nil {
		return nil, r.fail(int64(len(text)), doing, "a readable file", cause(err), "check the file", err)
	}
	if len(text) > maxText {
		return nil, r.fail(maxText, doing, fmt.Sprintf("at most %d bytes", maxText), "more", "this is no file of class names", nil)
	}
	var names []string
	offset := 0
	for line := range strings.Lines(string(text)) {
		name := strings.TrimSpace(line)
		printable := utf8.ValidString(name) && !strings.ContainsFunc(name, func(c rune) bool { return !strconv.IsPrint(c) })
		switch {
		case name == "":
		case !printable || len(name) > 100:
			return nil, r.fail(int64(offset), doing, "a line of printable text of at most 100 bytes", strconv.QuoteToASCII(name[:min(len(name), 20)]),
				"the file is damaged; without it the usual names are used", nil)
		default:
			names = append(names, name)
		}
		offset += len(line)
	}
	if len(names) != want {
		return nil, r.fail(-1, doing, fmt.Sprintf("%d names, one a line", want), fmt.Sprint(len(names)),
			"the file is damaged; without it the usual names are used", nil)
	}
	return names, nil
}

func numericNames(classes int) []string {
	names := make([]string, classes)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}

func fashionClassNames() []string {
	return []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}
}

func cifar10ClassNames() []string {
	return []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}
}

// fineNames are the 100 classes of CIFAR-100, in the order of the fine labels (alphabetical).
func fineNames() []string {
	return strings.Fields(`apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can
castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish forest
fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse
mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray
road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank
telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm`)
}

// setTitle is a name with the sizes of the two splits; test < 0 if it was not read.
func setTitle(name string, train, test int) string {
	if test < 0 {
		return fmt.Sprintf("%s, %s training images", name, thousands(train))
	}
	return fmt.Sprintf("%s, %s training and %s test images", name, thousands(train), thousands(test))
}

// thousands sets groups of three digits apart by a narrow space at which no line breaks.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}
