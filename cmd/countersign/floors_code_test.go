package main

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

// checkPure keeps the rules free of everything that a test would have to fake.
func (in *inspection) checkPure(f source) {
	row, ok := floorOf(f.pkg)
	if !ok || !row.pure || f.test {
		return
	}
	names := map[string]string{} // local name of an import to its path
	for _, spec := range f.ast.Imports {
		target, _ := strconv.Unquote(spec.Path.Value)
		names[localName(spec, target)] = target
		if onlyNames()[f.pkg][target] != nil {
			continue
		}
		for banned, why := range impure() {
			if below(target, banned) {
				in.at(f, spec.Pos(), "pure", "%s imports %s: it is pure: %s", f.pkg, target, why)
			}
		}
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			in.checkUse(f, sel, names)
		}
		return true
	})
}

func localName(spec *ast.ImportSpec, target string) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	return path.Base(target)
}

func (in *inspection) checkUse(f source, sel *ast.SelectorExpr, names map[string]string) {
	x, ok := sel.X.(*ast.Ident)
	if !ok || x.Obj != nil {
		return
	}
	target := names[x.Name]
	if target == "time" && clock()[sel.Sel.Name] {
		in.at(f, sel.Pos(), "pure", "%s reads the clock with time.%s: it takes now as a parameter", f.pkg, sel.Sel.Name)
	}
	if allowed := onlyNames()[f.pkg][target]; allowed != nil && !slices.Contains(allowed, sel.Sel.Name) {
		in.at(f, sel.Pos(), "pure", "%s uses %s.%s: it may only name %s", f.pkg, target, sel.Sel.Name, strings.Join(allowed, ", "))
	}
}

func (in *inspection) checkSize(f source) {
	if !f.test && f.size >= longestFile {
		in.found(f.name, f.size, "size", "%d lines: a file stays under %d, so that it is read in one go", f.size, longestFile)
	}
	for _, decl := range f.ast.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		lines := in.fset.Position(fn.Body.Rbrace).Line - in.fset.Position(fn.Pos()).Line - 1
		if lines > longestFunction {
			in.at(f, fn.Pos(), "size", "%s has %d lines: at most %d", fn.Name.Name, lines, longestFunction)
		}
	}
}

func codeLines(text string) (n int) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			n++
		}
	}
	return n
}

// checkAdapters holds the size of payment providers' adapters: the port has to
// stay one that a company is put behind in a few days. The sandbox is a company
// as well, and isn't held to it.
func (in *inspection) checkAdapters() {
	code := map[string]int{}
	for _, f := range in.files {
		if !f.test && adapterOf(f.pkg) == f.pkg && path.Dir(f.pkg) == "daemon/provider" && !strings.HasSuffix(f.pkg, "test") && f.pkg != "daemon/provider/sandbox" {
			code[f.pkg] += f.code
		}
	}
	for pkg, n := range code {
		if n >= longestAdapter {
			in.found(pkg, 1, "size", "%d lines of code: an adapter stays under %d", n, longestAdapter)
		}
	}
}

// checkTests refuses skipping: a test that can't run says what it needs and
// fails. Only the vendors' descriptions may be elsewhere, and the test says so.
func (in *inspection) checkTests(f source) {
	if !f.test {
		return
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := sel.X.(*ast.Ident)
		if ok && slices.Contains([]string{"t", "b", "tb", "f"}, x.Name) && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, sel.Sel.Name) && !skipsForSpecs(call) {
			in.at(f, call.Pos(), "no skipping", "a test that can't run says what it needs and fails")
		}
		return true
	})
}

// skipsForSpecs tells whether a test is skipped since the folder isn't there
// that holds what vendors say of their own APIs, and names what would bring it.
func skipsForSpecs(call *ast.CallExpr) bool {
	if len(call.Args) == 0 {
		return false
	}
	why, ok := call.Args[0].(*ast.BasicLit)
	return ok && strings.Contains(why.Value, "COUNTERSIGN_SPECS")
}

// checkExported asks for a sentence at every exported name of the program.
func (in *inspection) checkExported(f source) {
	if f.test {
		return
	}
	for _, decl := range f.ast.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
				in.at(f, d.Pos(), "comments", "%s has no sentence", d.Name.Name)
			}
		case *ast.GenDecl:
			in.checkGroup(f, d)
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}

// checkGroup takes a comment above a group of constants or variables for all of them.
func (in *inspection) checkGroup(f source, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
				in.at(f, s.Pos(), "comments", "%s has no sentence", s.Name.Name)
			}
		case *ast.ValueSpec:
			for _, name := range s.Names {
				if name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
					in.at(f, name.Pos(), "comments", "%s has no sentence", name.Name)
				}
			}
		}
	}
}

// checkPackages asks of every package a floor, a comment and a telling name.
func (in *inspection) checkPackages() {
	seen := map[string]bool{}
	for _, f := range in.files {
		if seen[f.pkg] {
			continue
		}
		seen[f.pkg] = true
		first, built, told := in.describe(f.pkg)
		if _, ok := floorOf(f.pkg); !ok && built {
			in.at(first, first.ast.Name.Pos(), "floors", "%s has no floor: give it one in DESIGN.md and in house()", f.pkg)
		}
		if !told {
			in.at(first, first.ast.Name.Pos(), "comments", "package %s has no comment that says what it is for", f.pkg)
		}
		for _, vague := range []string{"util", "utils", "helper", "helpers", "manager", "common", "misc", "shared"} {
			if path.Base(f.pkg) == vague {
				in.at(first, first.ast.Name.Pos(), "names", "%s says nothing about what is inside", vague)
			}
		}
	}
}

// describe finds a package's first file (one that is built, where there is
// one), whether anything of it is built, and whether it has a comment.
func (in *inspection) describe(pkg string) (first source, built, told bool) {
	for _, f := range in.files {
		if f.pkg != pkg {
			continue
		}
		if first.ast == nil || !built && !f.test {
			first = f
		}
		built = built || !f.test
		told = told || f.ast.Doc != nil
	}
	return first, built, told
}

// checkVariables finds package variables that a function changes: state that
// every test of the package would share.
func (in *inspection) checkVariables() {
	vars := map[string]variables{}
	for _, f := range in.files {
		if !f.test {
			vars[f.pkg] = vars[f.pkg].with(f)
		}
	}
	for _, f := range in.files {
		in.checkAssignments(f, vars[f.pkg])
	}
}

// variables are the package variables of one package by name.
type variables map[string]*ast.ValueSpec

func (v variables) with(f source) variables {
	if v == nil {
		v = variables{}
	}
	for _, decl := range f.ast.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.VAR {
			continue
		}
		for _, spec := range d.Specs {
			for _, name := range spec.(*ast.ValueSpec).Names {
				v[name.Name] = spec.(*ast.ValueSpec)
			}
		}
	}
	return v
}

// holds tells a package's variable from a local one of the same name: the
// parser resolves locals, and names of the package's other files not at all.
func (v variables) holds(x *ast.Ident) bool {
	spec := v[x.Name]
	return spec != nil && x.Name != "_" && (x.Obj == nil || x.Obj.Decl == spec)
}

func (in *inspection) checkAssignments(f source, vars variables) {
	check := func(target ast.Expr) {
		if x := changed(target); x != nil && vars.holds(x) {
			in.at(f, target.Pos(), "state", "package variable %s is changed: hand state to who needs it", x.Name)
		}
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch s := n.(type) {
		case *ast.AssignStmt:
			for _, left := range s.Lhs {
				if s.Tok != token.DEFINE {
					check(left)
				}
			}
		case *ast.IncDecStmt:
			check(s.X)
		}
		return true
	})
}

// changed is the variable that an assignment to it, to a field, to an element
// or through a pointer changes.
func changed(x ast.Expr) *ast.Ident {
	for {
		switch e := x.(type) {
		case *ast.Ident:
			return e
		case *ast.SelectorExpr:
			x = e.X
		case *ast.IndexExpr:
			x = e.X
		case *ast.StarExpr:
			x = e.X
		case *ast.ParenExpr:
			x = e.X
		default:
			return nil
		}
	}
}
