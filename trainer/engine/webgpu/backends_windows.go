package webgpu

import (
	_ "github.com/gogpu/wgpu/hal/dx12"   // the libraries that a device
	_ "github.com/gogpu/wgpu/hal/vulkan" // is opened with
)
