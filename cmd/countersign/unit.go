package main

import (
	_ "embed"
	"encoding/xml"
	"fmt"
	"strings"
	"text/template"
)

// serviceName is what the operating systems call the daemon; macOS wants the
// name of a house in front.
const (
	serviceName   = "countersign"
	macOSName     = "app.countersign.daemon"
	serviceAbout  = "Countersign: payments at the reception"
	packageBinary = "/usr/bin/countersign"
	packageUnit   = "/usr/lib/systemd/system/countersign.service"
)

//go:embed unit.service
var unitText string

//go:embed unit.plist
var plistText string

// unit is what the two service files are made of.
type unit struct {
	Name, About, Program string
	Arguments            []string
	// Packaged is a unit that a Debian or RPM package brings, with a user that
	// the package made. Otherwise systemd makes one up.
	Packaged bool
	// Log is a file on macOS, which keeps none by itself.
	Log string
}

// systemd renders the unit. The library that installs it has a small template
// language of its own, which it gets nothing of: what is tested is what is written.
func (u unit) systemd() (string, error) {
	for _, word := range append([]string{u.Program}, u.Arguments...) {
		if strings.ContainsAny(word, "\n\r{}") {
			return "", fmt.Errorf("%q can't stand in a unit: move it to a path without braces and line ends", word)
		}
	}
	return render("unit", unitText, template.FuncMap{"quote": quoteSystemd}, u)
}

// launchd renders the property list.
func (u unit) launchd() (string, error) {
	return render("plist", plistText, template.FuncMap{"xml": escapeXML}, u)
}

func render(name, text string, functions template.FuncMap, u unit) (string, error) {
	t, err := template.New(name).Funcs(functions).Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, u)
	return b.String(), err
}

// quoteSystemd quotes a word of ExecStart: systemd expands % and $ itself.
func quoteSystemd(word string) string {
	word = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`, `$`, `$$`).Replace(word)
	if strings.ContainsAny(word, " \t'\"\\;") || word == "" {
		return `"` + word + `"`
	}
	return word
}

func escapeXML(text string) (string, error) {
	var b strings.Builder
	err := xml.EscapeText(&b, []byte(text))
	return b.String(), err
}
