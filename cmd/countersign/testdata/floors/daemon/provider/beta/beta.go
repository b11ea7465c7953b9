// Package beta is an adapter.
package beta

// Use does nothing.
func Use() {}
