package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// finding is one place where the house's rules are broken.
type finding struct {
	file string
	line int
	rule string
	text string
}

func (f finding) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", f.file, f.line, f.rule, f.text)
}

// source is one parsed file.
type source struct {
	name string // from the root, with slashes
	pkg  string // its folder, with slashes
	test bool
	ast  *ast.File
	size int
	code int // lines that are neither blank nor a comment
}

// inspection walks one tree and gathers what it finds.
type inspection struct {
	root     string
	fset     *token.FileSet
	files    []source
	findings []finding
}

// inspect holds every rule of floors_rules_test.go against the tree at root.
func inspect(root string) ([]finding, error) {
	in := &inspection{root: root, fset: token.NewFileSet()}
	if err := in.checkTop(); err != nil {
		return nil, err
	}
	if err := in.parseAll(); err != nil {
		return nil, err
	}
	for _, f := range in.files {
		in.checkImports(f)
		in.checkSize(f)
		in.checkPure(f)
		in.checkTests(f)
		in.checkExported(f)
	}
	in.checkPackages()
	in.checkAdapters()
	in.checkVariables()
	slices.SortFunc(in.findings, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line), cmp.Compare(a.rule, b.rule), cmp.Compare(a.text, b.text))
	})
	return in.findings, nil
}

func (in *inspection) found(file string, line int, rule, format string, args ...any) {
	in.findings = append(in.findings, finding{file, line, rule, fmt.Sprintf(format, args...)})
}

func (in *inspection) at(f source, pos token.Pos, rule, format string, args ...any) {
	in.found(f.name, in.fset.Position(pos).Line, rule, format, args...)
}

// checkTop holds the top level against the owner's list. What .gitignore keeps
// out (bin, artifacts) never reaches the repository.
func (in *inspection) checkTop() error {
	entries, err := os.ReadDir(in.root)
	if err != nil {
		return err
	}
	ignored, _ := os.ReadFile(filepath.Join(in.root, ".gitignore"))
	for _, e := range entries {
		name := e.Name()
		kept := slices.Contains(topLevel(), name) || strings.HasPrefix(name, ".") ||
			slices.Contains(strings.Fields(string(ignored)), "/"+name+"/")
		if !kept {
			in.found(name, 1, "top level", "the top level is the owner's: %s", strings.Join(topLevel(), " "))
		}
	}
	return nil
}

func (in *inspection) parseAll() error {
	return filepath.WalkDir(in.root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(in.root, name)
		if d.IsDir() {
			hidden := rel != "." && (strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_"))
			if hidden || d.Name() == "testdata" || rel == "bin" || rel == "artifacts" {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		return in.parse(filepath.ToSlash(rel))
	})
}

func (in *inspection) parse(rel string) error {
	text, err := os.ReadFile(filepath.Join(in.root, rel))
	if err != nil {
		return err
	}
	tree, err := parser.ParseFile(in.fset, rel, text, parser.ParseComments)
	if err != nil {
		return err
	}
	in.files = append(in.files, source{
		name: rel,
		pkg:  path.Dir(rel),
		test: strings.HasSuffix(rel, "_test.go"),
		ast:  tree,
		size: strings.Count(string(text), "\n"),
		code: codeLines(string(text)),
	})
	return nil
}

// floorOf finds a package's row, and the row's name as the corridors use it.
func floorOf(pkg string) (floor, bool) {
	rows := house()
	i := slices.IndexFunc(rows, func(r floor) bool { return r.pkg == pkg })
	if i < 0 {
		i = slices.IndexFunc(rows, func(r floor) bool { fits, _ := path.Match(r.pkg, pkg); return fits })
	}
	if i < 0 {
		return floor{}, false
	}
	return rows[i], true
}

func (in *inspection) checkImports(f source) {
	for _, spec := range f.ast.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		if ours, ok := strings.CutPrefix(target, "countersign/"); ok {
			in.checkFloor(f, spec.Pos(), ours)
			continue
		}
		in.checkOwned(f, spec.Pos(), target)
	}
}

// checkFloor lets a package import what stands below it. Tests drive the whole
// house from anywhere, so only what is built into the program is held to it.
func (in *inspection) checkFloor(f source, pos token.Pos, target string) {
	if f.test {
		return
	}
	from, ok := floorOf(f.pkg)
	to, known := floorOf(target)
	if !ok || !known {
		return // the package itself is a finding of checkPackages
	}
	if strings.HasSuffix(target, "test") && !strings.HasSuffix(f.pkg, "test") {
		in.at(f, pos, "tests stay outside", "%s is for tests; the program is built without it", target)
		return
	}
	if one, other := adapterOf(f.pkg), adapterOf(target); one != other && one != "" && other != "" {
		in.at(f, pos, "adapters", "%s imports %s: adapters never import each other, so that one can go without the other", f.pkg, target)
		return
	}
	a, b := folder(f.pkg), folder(target)
	if !slices.Contains(arrows()[a], b) {
		in.at(f, pos, "arrows", "%s imports %s: %s must not know %s", f.pkg, target, a, b)
		return
	}
	if to.on < from.on || slices.Contains(corridors()[from.pkg], to.pkg) {
		return
	}
	in.at(f, pos, "floors", "%s (floor %d, %s) imports %s (floor %d, %s): imports run downwards",
		f.pkg, from.on, from.job, target, to.on, to.job)
}

// adapterOf is the adapter that a package is, or is a part of; "" for others.
func adapterOf(pkg string) string {
	for _, port := range []string{"daemon/provider", "daemon/notify"} {
		rest, ok := strings.CutPrefix(pkg, port+"/")
		name, _, _ := strings.Cut(rest, "/")
		if row, _ := floorOf(port + "/" + name); ok && row.pkg == port+"/*" && !strings.HasSuffix(name, "test") {
			return port + "/" + name
		}
	}
	return ""
}

func folder(pkg string) string {
	top, _, _ := strings.Cut(pkg, "/")
	return top
}

func (in *inspection) checkOwned(f source, pos token.Pos, target string) {
	for _, o := range ownership() {
		if !below(target, o.module) || slices.Contains(o.by, f.pkg) || f.test && o.inTests {
			continue
		}
		in.at(f, pos, "owners", "only %s may import %s: %s", strings.Join(o.by, " and "), o.module, o.why)
	}
}

// below tells whether an import is a module or a package in it.
func below(target, module string) bool {
	return target == module || strings.HasPrefix(target, module+"/")
}
