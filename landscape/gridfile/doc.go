// Package gridfile reads and writes landscapes as the files that people have: NPY and NPZ of NumPy, CSV, and the .h5 files of
// the reference implementation of loss landscapes (Li et al. 2018, github.com/tomgoldstein/loss-landscape), in pure Go.
//
// Read tells formats apart by their first bytes, not by the name. What it returns is a Surface (values on the nodes of a
// rectangle), a Trajectory (points in a plane) or Directions (tensors in parameter space).
//
// # The forms
//
//   - NPY, versions 1 to 3: booleans, integers and floating-point numbers of either byte order, in C or Fortran order; two
//     dimensions, rows are y. The file has no axes, so they count columns and rows from 0 (Surface.Indexed). Arrays of objects,
//     which are pickles, are refused, never run.
//   - NPZ: a zip of such arrays. x and y (also xs, alpha, alphas, xcoordinates, …) are axes, in one dimension or as meshes;
//     every two-dimensional array of len(y) rows and len(x) columns is a grid; single texts are notes.
//   - CSV, separated by commas, semicolons or tabs. Long: a header, then a line for each node, in any order, the first two
//     columns (or those named like axes) being x and y. Matrix: a line for each row; a first cell that is empty or a text
//     says that the first line and the first column are axes. Empty cells, "nan", "NA" and "null" are missing, "inf" is a value.
//     Lines "# name: text" are notes. A text that a spreadsheet would run (see SheetText) is written behind a '.
//   - .h5: xcoordinates, ycoordinates and grids such as train_loss and test_acc; −1 is a value not yet computed. The reference
//     fills its arrays in the row-major order of a mesh, rows being y, whatever shape they were given: len(x) by len(y). So
//     the order of the values counts, not the shape. Grids are written in the shape len(y) by len(x), which its plots need. Where a
//     grid has a true value −1, missing cells are written as NaN, and a text "missing" says so.
//     Points of a trajectory are proj_xcoord and proj_ycoord; directions are groups xdirection and ydirection of numbered
//     tensors, beside explained_variance_ratio_. Package hdf5 says which forms of HDF5 are read.
//
// A missing value is NaN; Values.Missing counts them.
//
// # Limits
//
// Files come from anywhere. MaxFileBytes and MaxValues are checked before anything is allocated; a zip is refused by the
// sizes that it declares and by those that come out of it. What is wrong is a *FileError that says which file, where, what was
// expected and what was found.
//
// Libraries for NPY were looked at first: github.com/sbinet/npyio v0.9.0 and codeberg.org/sbinet/npyio v0.14.0 refuse version 3,
// allocate what a header of 4 bytes asks for (4 GiB), slice by positions that a header need not have (a panic), and bring a
// reader of pickles along.
package gridfile
