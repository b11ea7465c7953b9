package display

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"html/template"
	"io/fs"
	"maps"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
)

// files are the page's stylesheet, script and font; OFL.txt is the licence the
// font travels under.
//
//go:embed assets
var files embed.FS

// texts are the page's words, a catalogue a language.
//
//go:embed text/*.json
var texts embed.FS

//go:embed page.html
var pageText string

// Assets are the files served below /display/static: the font among them, so
// that the other pages of the daemon need not carry it twice.
func Assets() fs.FS {
	sub, err := fs.Sub(files, "assets")
	if err != nil {
		panic("display: assets are not embedded: " + err.Error()) // the directive above names them
	}
	return sub
}

// AssetURL is the address of one of Assets. It carries a hash of the content,
// so it may be cached for ever. An unknown name gives "".
func AssetURL(name string) string {
	found, ok := loadAssets()[name]
	if !ok {
		return ""
	}
	return assetURL(name, found.sum)
}

func assetURL(name, sum string) string { return "/display/static/" + sum + "/" + name }

// sumOf is enough of a hash to tell versions of a file apart.
func sumOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:6])
}

// asset is one file ready to be served.
type asset struct {
	body, sum, kind string
}

// assets are the page and its files, made once a hub.
type assets struct {
	byName map[string]asset
	build  string // names this set of files and the daemon's version
	page   []byte
}

// loadAssets reads what is embedded. It panics where the binary was built
// wrongly, which the first test of any kind finds.
func loadAssets() map[string]asset {
	entries, err := fs.ReadDir(Assets(), ".")
	must(err)
	all := make(map[string]asset)
	for _, e := range entries {
		raw, err := fs.ReadFile(Assets(), e.Name())
		must(err)
		all[e.Name()] = asset{body: string(raw), sum: sumOf(raw), kind: kindOf(e.Name())}
	}
	// The stylesheet names the font by its hashed address, so that its own
	// hash covers the font's.
	css := all["display.css"]
	for name, each := range all {
		css.body = strings.ReplaceAll(css.body, "url("+name+")", "url("+assetURL(name, each.sum)+")")
	}
	css.sum = sumOf([]byte(css.body))
	all["display.css"] = css
	return all
}

// newAssets makes the page of a daemon's version.
func newAssets(version string) *assets {
	a := &assets{byName: loadAssets()}
	sums := []string{version, pageText}
	for _, name := range slices.Sorted(maps.Keys(a.byName)) {
		sums = append(sums, a.byName[name].sum)
	}
	a.build = sumOf([]byte(strings.Join(sums, "\x00")))
	a.page = a.render()
	return a
}

// render makes the page, which is the same for everybody: what differs comes
// with the first frame.
func (a *assets) render() []byte {
	type view struct {
		CSS, JS, Layout, Paint, Slides, Font, Icon, Build string
		Text                                              map[string]map[string]string
	}
	url := func(name string) string { return assetURL(name, a.byName[name].sum) }
	var out bytes.Buffer
	must(template.Must(template.New("page").Parse(pageText)).Execute(&out, view{
		CSS: url("display.css"), JS: url("display.js"), Layout: url("layout.js"), Paint: url("paint.js"), Slides: url("slides.js"), Font: url("inter-latin.woff2"), Icon: url("icon.svg"), Build: a.build, Text: catalogues(),
	}))
	return out.Bytes()
}

// catalogues are the page's words by language.
func catalogues() map[string]map[string]string {
	names, err := fs.Glob(texts, "text/*.json")
	must(err)
	all := make(map[string]map[string]string)
	for _, name := range names {
		raw, err := texts.ReadFile(name)
		must(err)
		var words map[string]string
		must(json.Unmarshal(raw, &words))
		all[strings.TrimSuffix(path.Base(name), ".json")] = words
	}
	return all
}

// serve handles "GET /display/static/{hash}/{file}". An address with another
// hash is another version's: it is not found, rather than the wrong one kept
// for a year.
func (a *assets) serve(w http.ResponseWriter, r *http.Request) {
	found, ok := a.byName[chi.URLParam(r, "file")]
	if !ok || found.sum != chi.URLParam(r, "hash") {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", found.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write([]byte(found.body)) // the browser may have gone; there is nobody to tell
}

// kindOf is the content type; not all systems know woff2.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".woff2":
		return "font/woff2"
	case ".js":
		return "text/javascript; charset=utf-8"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// must turns a mistake of the build into a panic at start.
func must(err error) {
	if err != nil {
		panic("display: " + err.Error())
	}
}
