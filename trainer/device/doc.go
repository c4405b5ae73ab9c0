// Package device opens what trains besides this machine's processors: it chooses a device by name, holds it to the check of package crosscheck, plans
// its memory, and guards it while it works. A device is only as good as its driver, so nothing here takes its word for anything.
package device
