package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// replaceFile makes what write writes the content of the file called name. Readers see the old content or all of the new one, also after
// a power cut: it goes to a file beside it, which is flushed and renamed. A name that stands for something else than a file (a pipe,
// /dev/null) is written to as it is.
func replaceFile(name string, write func(io.Writer) error) (err error) {
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target // the link stays
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return writeThrough(name, write)
	}
	// The process id keeps two programs that write the same file apart.
	beside := fmt.Sprintf("%s.%d.tmp", name, os.Getpid())
	file, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return err
	}
	if err = write(file); err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(beside, name)
	}
	if err != nil {
		_ = os.Remove(beside)
		return err
	}
	if folder, err := os.Open(filepath.Dir(name)); err == nil {
		_ = folder.Sync() // makes the rename last, where the system can do that; Windows cannot and needs not
		_ = folder.Close()
	}
	return nil
}

func writeThrough(name string, write func(io.Writer) error) error {
	file, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}

// writeJSONResult writes a command's result as a line of JSON to the file called name, or to standard output where it is "".
func writeJSONResult(tty *terminal, name string, result any) error {
	text, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	text = append(text, '\n')
	if name == "" {
		_, err = tty.out.Write(text)
		return err
	}
	if err := replaceFile(name, func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

// checkWritable finds out before the work whether name can be written after it, in a folder that is there.
func checkWritable(flag, name string) error {
	bad := func(expected, found, advice string) error {
		return &fault{Field: flag, Doing: "reading --" + flag, Expected: expected, Found: found, Advice: advice}
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return bad("the name of a file", "the folder "+quoted(name), "Name a file in it.")
	}
	folder := filepath.Dir(name)
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return bad("a file in a folder that is there", quoted(name), "Make the folder "+quoted(folder)+" first.")
	case err != nil:
		return bad("a file that can be written", osReason(err), "Choose another place.")
	case !info.IsDir():
		return bad("a file in a folder", quoted(name), "Choose another place.")
	}
	return nil
}

// osReason is what the operating system says, without the path, which the sentence around it names.
func osReason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}
