// Package static holds the files the pages need: style sheets, scripts, the font and
// the icons, all in the binary. Their addresses carry a hash of their contents, so a
// browser keeps them for ever and still never mixes two versions.
//
//	assets/  what is served, with the licences of htmx and Inter
//	icons/   one set (Lucide), drawn into the pages as inline SVG
package static

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

//go:embed assets icons
var files embed.FS

// Prefix is where Handler is mounted.
const Prefix = "/static/"

// mediaType names the media types ourselves: the operating system's table differs from
// machine to machine, and a browser told nosniff refuses a wrong one.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".woff2":
		return "font/woff2"
	case ".svg":
		return "image/svg+xml"
	default:
		return "text/plain; charset=utf-8"
	}
}

// version is one hash over all files, not one for each: a style sheet names its fonts
// by a relative address, which stays right only when they share a folder.
var version = sync.OnceValue(func() string {
	sum := sha256.New()
	names, _ := fs.Glob(files, "assets/*") // the pattern is fixed: it can't be malformed
	for _, name := range names {
		data, err := files.ReadFile(name)
		if err != nil {
			panic("static: " + err.Error()) // embedded a moment before: only a broken build
		}
		sum.Write([]byte(name))
		sum.Write(data)
	}
	return hex.EncodeToString(sum.Sum(nil))[:12]
})

// URL is the address of a file of assets.
func URL(name string) string { return Prefix + version() + "/" + name }

// Handler serves the files under Prefix.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		hash, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, Prefix), "/")
		data, err := files.ReadFile("assets/" + name)
		if err != nil || hash != version() || name == "" {
			// An older address is never answered with newer contents: they would be kept for ever.
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", mediaType(name))
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	})
}

// icons are the drawings by name, each reduced to what stands inside its <svg>.
var icons = sync.OnceValue(func() map[string]string {
	drawn := map[string]string{}
	names, _ := fs.Glob(files, "icons/*.svg")
	for _, name := range names {
		data, err := files.ReadFile(name)
		if err != nil {
			panic("static: " + err.Error())
		}
		_, inside, _ := strings.Cut(string(data), "<svg")
		_, inside, _ = strings.Cut(inside, ">")
		inside, _, _ = strings.Cut(inside, "</svg>")
		drawn[strings.TrimSuffix(path.Base(name), ".svg")] = strings.TrimSpace(inside)
	}
	return drawn
})

// Icon is a drawing to put into a page. It is hidden from readers of the screen,
// since a word always stands beside it. An unknown name draws nothing.
func Icon(name string) template.HTML {
	inside, ok := icons()[name]
	if !ok {
		return ""
	}
	return template.HTML(`<svg class="icon" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" ` +
		`stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">` + inside + `</svg>`)
}
