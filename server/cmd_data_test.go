package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"smoothscape/server/download"
	"smoothscape/server/store"
	"smoothscape/trainer/dataset"
)

var errDone = errors.New("seen enough")

func storeBlobs(t *testing.T) store.Blobs {
	t.Helper()
	return store.Blobs{Folder: filepath.Join(t.TempDir(), "blobs")}
}

// writeIDX makes a folder with train training and test test images of 8×8 pixels, in two classes.
func writeIDX(t *testing.T, folder string, train, test int) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	put := func(name string, magic uint32, content []byte, sizes ...int) {
		head := binary.BigEndian.AppendUint32(nil, magic)
		for _, n := range sizes {
			head = binary.BigEndian.AppendUint32(head, uint32(n))
		}
		if err := os.WriteFile(filepath.Join(folder, name), append(head, content...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for prefix, n := range map[string]int{"train": train, "t10k": test} {
		pixels, labels := make([]byte, 64*n), make([]byte, n)
		for i := range pixels {
			pixels[i] = byte(i * 37 >> 1)
		}
		for i := range labels {
			labels[i] = byte(i % 2)
		}
		put(prefix+"-images-idx3-ubyte", 0x803, pixels, n, 8, 8)
		put(prefix+"-labels-idx1-ubyte", 0x801, labels, n)
	}
}

func TestDataAddListAndCheck(t *testing.T) {
	slow(t)
	t.Parallel()
	data, images := t.TempDir(), filepath.Join(t.TempDir(), "images")
	writeIDX(t, images, 6, 3)
	out, log, code := shell(t, t.Context(), "data", "check", images)
	for _, part := range []string{"6 for training, 3 for testing", "1 × 8 × 8", "3 training images, 1 to 2 test images"} {
		if code != 0 || !strings.Contains(out, part) {
			t.Errorf("check: exit code %d, %q does not say %q; %s", code, out, part, log)
		}
	}
	out, _, code = shell(t, t.Context(), "data", "check", images, "--json")
	var checked checkedDataset
	if err := json.Unmarshal([]byte(out), &checked); err != nil || code != 0 || checked.Classes != 2 || !slices.Equal(checked.TestCount, []int{2, 1}) {
		t.Errorf("check --json: exit code %d, %v, %+v", code, err, checked)
	}
	if out, log, code := shell(t, t.Context(), "data", "add", "mine", images, "--data", data); code != 0 || !strings.HasPrefix(out, "mine: ") {
		t.Errorf("add: exit code %d, %q, %q", code, out, log)
	}
	out, _, code = shell(t, t.Context(), "data", "list", "--json", "--data", data)
	var all []listedDataset
	if err := json.Unmarshal([]byte(out), &all); err != nil || code != 0 {
		t.Fatalf("list --json: exit code %d, %v", code, err)
	}
	var names []string
	for _, d := range all {
		names = append(names, d.Name+" "+d.Source)
	}
	if want := []string{"fashion-mnist-8k embedded", "mine registered", "cifar-10 to fetch", "cifar-100 to fetch"}; !slices.Equal(names, want) {
		t.Errorf("list: got %q, want %q", names, want)
	}
	if out, _, _ := shell(t, t.Context(), "data", "list", "--data", data); !strings.Contains(out, "6 + 3") || strings.Count(out, "\n") != 5 {
		t.Errorf("list: %q", out)
	}
	again := filepath.Join(t.TempDir(), "again")
	writeIDX(t, again, 4, 4)
	if _, log, code := shell(t, t.Context(), "data", "add", "mine", again, "--data", data); code != 0 || !strings.Contains(log, images) {
		t.Errorf("moving a name: exit code %d, %q", code, log)
	}
	if err := os.RemoveAll(again); err != nil {
		t.Fatal(err)
	}
	if out, _, code := shell(t, t.Context(), "data", "list", "--data", data); code != 0 || !strings.Contains(out, "cannot be used: ") {
		t.Errorf("a folder that is gone: exit code %d, %q", code, out)
	}
}

// Listing makes nothing: a mistyped --data leaves no folder behind.
func TestDataListMakesNoFolder(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "none")
	if _, log, code := shell(t, t.Context(), "data", "list", "--data", data); code != 0 {
		t.Errorf("exit code %d: %s", code, log)
	}
	if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is there (%v)", err)
	}
}

// The server holds the lock of the data folder; a name added meanwhile is offered at once.
func TestDataAddWhileTheServerRuns(t *testing.T) {
	t.Parallel()
	data, images := t.TempDir(), filepath.Join(t.TempDir(), "images")
	writeIDX(t, images, 6, 3)
	rs := openTestRuns(t, runsOptions{Folder: data})
	if out, log, code := shell(t, t.Context(), "data", "add", "late", images, "--data", data); code != 0 {
		t.Fatalf("exit code %d, %q, %q", code, out, log)
	}
	view, err := rs.dataset(t.Context(), "late")
	if err != nil || view.TrainSize != 6 {
		t.Errorf("the server sees %+v, %v", view, err)
	}
}

func TestDataRefuses(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	for _, test := range []struct {
		name string
		args []string
		says string
	}{
		{"an unknown command", []string{"lst"}, "data list"},
		{"nothing to fetch", []string{"fetch"}, "cifar-10 or cifar-100"},
		{"what cannot be fetched", []string{"fetch", "imagenet"}, "data add NAME FOLDER"},
		{"an empty folder", []string{"add", "x", empty}, "an empty folder"},
		{"no folder", []string{"check", filepath.Join(empty, "no")}, "no such file"},
		{"an empty name of a folder", []string{"check", ""}, "the name of a folder"},
		{"a bad name", []string{"add", "../x", empty}, "my-cifar-100"},
		{"the embedded name", []string{"add", "fashion-mnist-8k", empty}, "other than fashion-mnist-8k"},
		{"a name alone", []string{"add", "x"}, "a name and a folder"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out, log, code := shell(t, t.Context(), append([]string{"data"}, test.args...)...)
			if code != 2 || out != "" || strings.Count(log, "\n") != 1 || !strings.Contains(log, test.says) {
				t.Errorf("exit code %d, %q, %q", code, out, log)
			}
		})
	}
}

// smallCIFAR is an archive like that of CIFAR-100, with 20 images.
func smallCIFAR(t *testing.T) (dataset.Archive, []byte) {
	t.Helper()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	files := tar.NewWriter(zip)
	a := dataset.Archive{Name: "cifar-100", Title: "small CIFAR-100", Folder: "cifar-100-binary"}
	for _, name := range []string{"train.bin", "test.bin"} {
		var content []byte
		for i := range 10 {
			content = append(content, byte(i), byte(i*10))
			for p := range 3 * 32 * 32 {
				content = append(content, byte(i*7+p*p>>3))
			}
		}
		head := &tar.Header{Name: a.Folder + "/" + name, Typeflag: tar.TypeReg, Size: int64(len(content)), Mode: 0o644}
		if err := files.WriteHeader(head); err != nil {
			t.Fatal(err)
		}
		if _, err := files.Write(content); err != nil {
			t.Fatal(err)
		}
		a.Members = append(a.Members, dataset.Member{Name: name, Size: int64(len(content))})
	}
	if err := errors.Join(files.Close(), zip.Close()); err != nil {
		t.Fatal(err)
	}
	sum := md5.Sum(packed.Bytes())
	a.Size, a.MD5 = int64(packed.Len()), hex.EncodeToString(sum[:])
	return a, packed.Bytes()
}

// A download that is broken off by its user goes on at the next fetch; then the name is one of the data sets, also for a server that runs.
func TestDataFetchGoesOnAndIsOffered(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	rs := openTestRuns(t, runsOptions{Folder: data})
	a, content := smallCIFAR(t)
	changed := time.Unix(1e9, 0)
	var ranges []string
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range"))
		http.ServeContent(w, r, "", changed, bytes.NewReader(content))
	}))
	t.Cleanup(site.Close)
	a.URL = site.URL
	part := filepath.Join(data, "datasets", "cifar-100.part")
	if err := os.MkdirAll(filepath.Dir(part), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(part, content[:100], 0o600); err != nil {
		t.Fatal(err)
	}
	var out, log bytes.Buffer
	tty := &terminal{in: strings.NewReader(""), out: &out, err: &log}
	if err := fetchDataset(t.Context(), tty, data, a, download.New().Source); err != nil {
		t.Fatal(err)
	}
	if len(ranges) != 1 || ranges[0] != "bytes=100-" || !strings.Contains(out.String(), "10 + 10 images, 100 classes") {
		t.Errorf("asked for %q, said %q", ranges, out.String())
	}
	if !strings.Contains(log.String(), "download\nunpack\n") {
		t.Errorf("standard error %q", log.String())
	}
	if view, err := rs.dataset(t.Context(), "cifar-100"); err != nil || view.TrainSize != 10 {
		t.Errorf("the server sees %+v, %v", view, err)
	}
	if err := fetchDataset(t.Context(), tty, data, a, download.New().Source); err != nil || len(ranges) != 1 {
		t.Errorf("a second fetch: %v, %d requests", err, len(ranges))
	}
	if out, _, code := shell(t, t.Context(), "data", "list", "--data", data); code != 0 || !strings.Contains(out, "cifar-100         fetched") {
		t.Errorf("exit code %d, %q", code, out)
	}
}

func TestDataFetchLeavesANameAlone(t *testing.T) {
	t.Parallel()
	data, images := t.TempDir(), filepath.Join(t.TempDir(), "images")
	writeIDX(t, images, 6, 3)
	if _, log, code := shell(t, t.Context(), "data", "add", "cifar-10", images, "--data", data); code != 0 {
		t.Fatalf("exit code %d: %s", code, log)
	}
	if _, log, code := shell(t, t.Context(), "data", "fetch", "cifar-10", "--data", data); code != 2 || !strings.Contains(log, images) {
		t.Errorf("exit code %d, %q", code, log)
	}
}
