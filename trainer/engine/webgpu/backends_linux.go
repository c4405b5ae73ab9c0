package webgpu

import _ "github.com/gogpu/wgpu/hal/vulkan" // the library that a device is opened with
