package page

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestEveryRefusalIsTranslated finds the words of every refusal in the source: what is wrong with
// a field, and what is wrong with it all. A page says each in every language that we speak.
func TestEveryRefusalIsTranslated(t *testing.T) {
	said := &refusals{t: t, places: map[string]string{}}
	for _, root := range []string{"../../daemon", "../../web"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "provider/") {
				return err
			}
			said.read(path)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(said.places) < 120 {
		t.Errorf("only %d refusals were found: is the search blind?", len(said.places))
	}
	for _, lang := range Languages()[1:] {
		table := refusalsIn(lang)
		for words, place := range said.places {
			if !slices.ContainsFunc(table, func(r refusal) bool { return r.english == words }) {
				t.Errorf("%s: %s has no text for %s", place, lang, strconv.Quote(words))
			}
		}
		for _, r := range table {
			if said.places[r.english] == "" {
				t.Errorf("%s has a text that nobody says: %s", lang, strconv.Quote(r.english))
			}
		}
	}
}

// refusals are the words that were found, and where.
type refusals struct {
	t      *testing.T
	fset   *token.FileSet
	places map[string]string
}

func (r *refusals) read(path string) {
	r.fset = token.NewFileSet()
	file, err := parser.ParseFile(r.fset, path, nil, parser.SkipObjectResolution)
	if err != nil {
		r.t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			r.field(n)
		case *ast.CallExpr:
			r.call(n)
		case *ast.FuncDecl:
			if slices.Contains([]string{"checkName", "checkReason", "unfit", "CheckURL"}, n.Name.Name) {
				r.answers(n)
			}
		}
		return true
	})
}

// field is a literal fault.Field, also one in a list that names the type once.
func (r *refusals) field(lit *ast.CompositeLit) {
	parts := map[string]ast.Expr{}
	for _, part := range lit.Elts {
		if kv, ok := part.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok {
				parts[key.Name] = kv.Value
			}
		}
	}
	if parts["Location"] != nil && parts["Message"] != nil {
		r.note(parts["Message"])
	}
}

// call is one of those that make a fault, or collect fields.
func (r *refusals) call(c *ast.CallExpr) {
	name := ""
	switch f := c.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
		if x, ok := f.X.(*ast.Ident); ok && x.Name == "fault" && name == "New" && len(c.Args) == 3 {
			r.note(c.Args[2])
			return
		}
	}
	if (name == "add" || name == "fault") && len(c.Args) == 2 {
		if words := wordsOf(c.Args[1]); words != "" {
			r.note(c.Args[1])
		}
	}
}

// answers are what a check of a text may say.
func (r *refusals) answers(f *ast.FuncDecl) {
	ast.Inspect(f, func(n ast.Node) bool {
		if back, ok := n.(*ast.ReturnStmt); ok && len(back.Results) == 1 && wordsOf(back.Results[0]) != "" {
			r.note(back.Results[0])
		}
		return true
	})
}

func (r *refusals) note(x ast.Expr) {
	words := wordsOf(x)
	if strings.Trim(verbs.ReplaceAllString(words, ""), " \n\t") != "" {
		r.places[words] = r.fset.Position(x.Pos()).String()
	}
}

// wordsOf is what an expression says: a literal, a format, or words with something between them.
func wordsOf(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.BasicLit:
		words, _ := strconv.Unquote(x.Value)
		return words
	case *ast.BinaryExpr:
		left, right := wordsOf(x.X), wordsOf(x.Y)
		if left == "" && right == "" {
			return ""
		}
		return orAny(left) + orAny(right)
	case *ast.CallExpr:
		if f, ok := x.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Sprintf" {
			return verbs.ReplaceAllString(wordsOf(x.Args[0]), "%s")
		}
	}
	return ""
}

func orAny(words string) string {
	if words == "" {
		return "%s"
	}
	return words
}
