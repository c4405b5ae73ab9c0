package webgpu

import _ "github.com/gogpu/wgpu/hal/metal" // the library that a device is opened with
