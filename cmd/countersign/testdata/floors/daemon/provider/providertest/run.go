// Package providertest is for tests.
package providertest

// Run does nothing.
func Run() {}
