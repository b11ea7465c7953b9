package web

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"countersign/web/static"
)

//go:embed docs.html
var docsText string

//go:embed docs.css
var docsStyle string

// openAPI serves the description that the handlers made, GET /api/v1/openapi.json.
func (s *server) openAPI(a *api) http.HandlerFunc {
	made, err := a.document()
	return func(w http.ResponseWriter, r *http.Request) {
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/openapi+json")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(made)
	}
}

// docsPage serves the same for people, GET /api/v1/docs: drawn here, since the
// usual viewers load their scripts from elsewhere.
func (s *server) docsPage(a *api) http.HandlerFunc {
	drawn := template.Must(template.New("docs").Funcs(template.FuncMap{"asset": static.URL}).Parse(docsText))
	var made bytes.Buffer
	doc := a.huma.OpenAPI()
	err := drawn.Execute(&made, manual{Chapters: chapters(doc), Things: things(doc)})
	return func(w http.ResponseWriter, r *http.Request) {
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(made.Bytes())
	}
}

func docsSheet(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write([]byte(docsStyle))
}

// manual is all that the page says.
type manual struct {
	Chapters []chapter
	Things   []thing
}

// thing is a shape that operations share.
type thing struct {
	Name   string
	Fields []property
}

// things lists the shapes, apart from the envelopes of single answers.
func things(doc *huma.OpenAPI) []thing {
	var list []thing
	for name, schema := range doc.Components.Schemas.Map() {
		if !strings.HasSuffix(name, "Body") && schema.Type == "object" {
			list = append(list, thing{name, properties(schema)})
		}
	}
	slices.SortFunc(list, func(a, b thing) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// chapter is what the page says of one kind of thing.
type chapter struct {
	Name       string
	Operations []described
}

type described struct {
	Method, Path, About string
	Inputs, Body, Gives []property
}

// property is a field of an operation: where it stands, its type, and what it is.
type property struct{ Name, Where, Type, About string }

// chapters sorts the operations by the thing they are about, and by address.
func chapters(doc *huma.OpenAPI) []chapter {
	byTag := map[string][]described{}
	var names []string
	for path, item := range doc.Paths {
		for method, op := range map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PATCH": item.Patch, "DELETE": item.Delete} {
			if op == nil {
				continue
			}
			if tag := op.Tags[0]; !slices.Contains(names, tag) {
				names = append(names, tag)
			}
			byTag[op.Tags[0]] = append(byTag[op.Tags[0]], describe(doc, method, path, op))
		}
	}
	slices.Sort(names)
	list := make([]chapter, 0, len(names))
	for _, name := range names {
		slices.SortFunc(byTag[name], func(a, b described) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
		list = append(list, chapter{Name: name, Operations: byTag[name]})
	}
	return list
}

func describe(doc *huma.OpenAPI, method, path string, op *huma.Operation) described {
	d := described{Method: method, Path: path, About: op.Description}
	for _, p := range op.Parameters {
		d.Inputs = append(d.Inputs, property{p.Name, p.In, typeName(p.Schema), p.Description})
	}
	if op.RequestBody != nil {
		d.Body = fields(doc, op.RequestBody.Content["application/json"])
	}
	for _, status := range []string{"200", "201"} {
		if answer := op.Responses[status]; answer != nil {
			d.Gives = fields(doc, answer.Content["application/json"])
		}
	}
	return d
}

// fields lists the properties of a body.
func fields(doc *huma.OpenAPI, m *huma.MediaType) []property {
	if m == nil || m.Schema == nil {
		return nil
	}
	schema := m.Schema
	if schema.Ref != "" {
		schema = doc.Components.Schemas.SchemaFromRef(schema.Ref)
	}
	return properties(schema)
}

// properties lists those of a shape, in the order of their names.
func properties(schema *huma.Schema) []property {
	var list []property
	for name, p := range schema.Properties {
		where := "optional"
		if slices.Contains(schema.Required, name) {
			where = "always"
		}
		list = append(list, property{name, where, typeName(p), p.Description})
	}
	slices.SortFunc(list, func(a, b property) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// typeName is a schema in a word: its type, its choices, or the thing it refers to.
func typeName(p *huma.Schema) string {
	switch {
	case p == nil:
		return ""
	case p.Ref != "":
		return strings.TrimPrefix(p.Ref, "#/components/schemas/")
	case p.Type == "array":
		return "list of " + typeName(p.Items)
	case p.Format != "" && p.Type == "string":
		return p.Format
	}
	return p.Type
}
