package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"

	"countersign/daemon/access"
	"countersign/daemon/desk"
)

// apiBase is where the API's operations are.
const apiBase = "/api/v1"

// api is the frame of the operations: it registers them and describes them.
type api struct {
	s    *server
	huma huma.API
}

// newAPI returns an empty frame. huma's own pages are off: its documentation
// loads scripts from elsewhere, and its links add fields to every answer.
func (s *server) newAPI(r chi.Router) *api {
	config := huma.DefaultConfig("Countersign", s.opt.Version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil
	config.Transformers = []huma.Transformer{ownWords}
	config.Info.Description = "Visits, payment links, displays and the ledger of one location. " +
		"Amounts are whole numbers in the currency's minor unit. Errors are application/problem+json with a stable code."
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", shapeName)
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "countersign token create"},
		"session": {Type: "apiKey", In: "cookie", Name: sessionCookie, Description: "a staff member who is signed in"},
	}
	config.Security = []map[string][]string{{"token": {}}, {"session": {}}}
	config.Components.Schemas.Map()["Problem"] = problemSchema()
	return &api{s: s, huma: humachi.New(r, config)}
}

// shapeName is a type's name as the description says it: Visit, not wireVisit.
func shapeName(t reflect.Type, hint string) string {
	return strings.TrimPrefix(huma.DefaultSchemaNamer(t, hint), "Wire")
}

func problemSchema() *huma.Schema {
	text := func(about string) *huma.Schema { return &huma.Schema{Type: "string", Description: about} }
	field := &huma.Schema{Type: "object", Required: []string{"location", "message"}, Properties: map[string]*huma.Schema{
		"location": text("where it is, as in body.lines[0].quantity"), "message": text("what is wrong with it")}}
	return &huma.Schema{Type: "object", Description: "RFC 9457; some codes have members of their own.",
		Required: []string{"status", "title", "detail", "code"}, Properties: map[string]*huma.Schema{
			"status": {Type: "integer"}, "title": text("the status in words"), "detail": text("a sentence for people"),
			"code": text("stable, for programs"), "errors": {Type: "array", Items: field}}}
}

// route is one line of the API's list.
type route struct {
	method, path, id, about string
	right                   access.Right // "" where anybody who is identified may
	status                  int          // of success; 200 when 0
}

// handle registers one operation. The right is asked for before the body is
// looked at; the desk asks once more.
func handle[I, O any](a *api, at route, do func(context.Context, access.Actor, *I) (*O, error)) {
	about := at.about
	if at.right != "" {
		about += " Needs the right " + string(at.right) + "."
	}
	op := huma.Operation{
		Method: at.method, Path: apiBase + at.path, OperationID: at.id, Summary: at.about, Description: about,
		DefaultStatus: at.status, MaxBodyBytes: limitOf(apiBase + at.path), Tags: []string{tagOf(at.path)},
		Middlewares: huma.Middlewares{a.s.needs(at.right)},
		Responses: map[string]*huma.Response{"default": {Description: "It was refused.", Content: map[string]*huma.MediaType{
			"application/problem+json": {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}}}}},
	}
	if op.MaxBodyBytes > apiLimit {
		op.BodyReadTimeout = within(op.MaxBodyBytes)
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, actorOf(ctx), in)
		if err == nil {
			return out, nil
		}
		return nil, a.s.judgeIn(ctx, err)
	})
}

// needs refuses who lacks a right, before anything else is said.
func (s *server) needs(right access.Right) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if right != "" {
			if err := actorOf(ctx.Context()).Need(right); err != nil {
				r, w := humachi.Unwrap(ctx)
				s.refuse(w, r, err)
				return
			}
		}
		next(ctx)
	}
}

// judgeIn is judge where only the request's context is at hand.
func (s *server) judgeIn(ctx context.Context, err error) *problem {
	p := problemOf(err)
	if p.status == http.StatusInternalServerError {
		id, _ := ctx.Value(requestKey).(string)
		s.log.Error().Err(err).Str("request", id).Msg("an operation failed")
	}
	return p
}

// tagOf groups operations by the thing they are about.
func tagOf(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return first
}

// document is the OpenAPI description, as it is once every operation is registered.
func (a *api) document() ([]byte, error) {
	schemas := a.huma.OpenAPI().Components.Schemas.Map()
	delete(schemas, "ErrorModel") // huma's own errors, which ownWords replaces
	delete(schemas, "ErrorDetail")
	// A reference can't be nullable by itself, as the scene of a display is.
	schemas["Display"].Properties["scene"] = &huma.Schema{Description: "What it has painted; null when it is offline.",
		AnyOf: []*huma.Schema{{Ref: "#/components/schemas/Scene"}, {Type: "null"}}}
	for _, item := range a.huma.OpenAPI().Paths {
		if item.Post == nil {
			continue
		}
		if item.Post.RequestBody != nil {
			// We keep the bytes for their fingerprint; they are no other way to say it.
			delete(item.Post.RequestBody.Content, "application/octet-stream")
		}
		if item.Post.OperationID == "create-visit" {
			item.Post.Responses["200"] = item.Post.Responses["201"] // it was there, and is updated
		}
	}
	return json.Marshal(a.huma.OpenAPI())
}

// Keyed are the inputs of requests that may be repeated: the header, and the
// body as it came, by which a repetition is told from another request. Like
// VisitPath it is exported, so that huma reads it.
type Keyed struct {
	Key     string `header:"Idempotency-Key" maxLength:"200" doc:"The same key with the same body gives the first answer again."`
	RawBody []byte
}

// key is the desk's idempotency key for a request to a path.
func (k Keyed) key(method, path string) desk.Key {
	if k.Key == "" {
		return desk.Key{}
	}
	return desk.Key{Value: k.Key, Hash: fingerprint(method, path, k.RawBody)}
}

func fingerprint(method, path string, body []byte) string {
	h := sha256.New()
	h.Write([]byte(method + " " + path + "\n"))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}
