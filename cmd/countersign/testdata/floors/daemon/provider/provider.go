// Package provider may name http.Header and nothing else of net/http.
package provider

import "net/http"

// Parse is what a port may ask for.
func Parse(h http.Header) {}

// Fetch is not.
func Fetch() { _, _ = http.Get("http://127.0.0.1") }
