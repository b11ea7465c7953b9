package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
	"github.com/rs/zerolog"

	"countersign/daemon"
)

// settings are what the daemon is started with.
type settings struct {
	Listen    string
	PublicURL string
	// ProviderLinks lets codes carry the provider's own links.
	ProviderLinks bool
	Hosts         []string
	Data          string
	Sandbox       *bool
	Fiscal        daemon.Fiscal
	Log           zerolog.Level
	// WebhooksPrivate lets messages to other software go to the salon's own network.
	WebhooksPrivate bool
	Sending         sending
	// File is where they were read, for the sentences that tell what to change.
	File string
}

// key is one setting of the file: its name, an example, and what it is for. The
// name of one in a section is section.name; sections come after all others.
type key struct {
	name, example, about string
	set                  func(s *settings, value any) error
}

// hostName is a name of a computer, without a port.
var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$`)

// keys are all settings there are; the sample and the checks are made of them.
func keys() []key {
	return append([]key{
		{"listen", `":8791"`, "Where the daemon listens. \":8791\" is every network of this computer,\nwhich the tablet and the clients' phones need; \"127.0.0.1:8791\" is this\ncomputer alone.", setListen},
		{"public_url", `"https://pay.example.com"`, "The address that clients' phones reach, without a final slash. If it isn't\ngiven, it is this computer's address in the salon's network.", setPublicURL},
		{"links", `"provider"`, "Whose address the codes carry: \"daemon\", which is public_url, or \"provider\",\nlinks at the payment provider, for a place whose own address can't be reached\nfrom the clients' phones. Of the providers, Stripe hosts links.", setLinks},
		{"hosts", `["salon.example.com"]`, "Further names by which this computer is asked, such as one of your own DNS.\nAddresses, names without a dot, and those that end in .local or .lan are known.", setHosts},
		{"data", `"/var/lib/countersign"`, "The folder where everything is kept.", setData},
		{"sandbox", "true", "The built-in provider that moves no money. It is on until a real one is set up.", setSandbox},
		{"log", `"info"`, "How much to log: debug, info, warn or error.", setLog},
		{"webhooks_private", "true", "Whether other software that is told of events (Set up, Other software) may be in\nthis network, or on this computer, and be spoken to by http. It is off until set.", setWebhooksPrivate},
		{"fiscal.device", `"gateway"`, "What registers receipts for the tax office: \"provider\" is the payment provider,\nif it does so; \"gateway\" is a fiscal device's service at url. None if not given.", setFiscalDevice},
		{"fiscal.url", `"http://127.0.0.1:9001/receipts"`, "The address of the fiscal device's service, for \"gateway\".", setFiscalURL},
		{"fiscal.token_file", `"/etc/countersign/fiscal.token"`, "A file with the bearer token that the service wants, if it wants one.", setFiscalToken},
	}, sendingKeys()...)
}

// load gathers the settings. A flag or the environment goes before the file,
// the file before the default.
func (c *commands) load(listen string) (settings, error) {
	s := settings{Listen: ":8791", Data: defaultData(), Log: zerolog.InfoLevel, File: cmp.Or(c.Config, defaultConfig())}
	if err := s.read(c.Config != ""); err != nil {
		return settings{}, usageError{err}
	}
	if listen != "" {
		if err := setListen(&s, listen); err != nil {
			return settings{}, usageError{fmt.Errorf("--listen %v", err)}
		}
	}
	s.Data = cmp.Or(c.Data, s.Data)
	data, err := filepath.Abs(s.Data)
	s.Data = data
	return s, err
}

// read takes over what the file says. A file that nobody asked for may be missing.
func (s *settings) read(wanted bool) error {
	if _, err := os.Stat(s.File); errors.Is(err, fs.ErrNotExist) && !wanted {
		return nil
	}
	k := koanf.New("\x00")
	if err := k.Load(file.Provider(s.File), toml.Parser()); err != nil {
		return fmt.Errorf("the settings in %s can't be read: %w", s.File, err)
	}
	var faults []error
	for name, value := range flat(k.Raw()) {
		if err := s.apply(name, value); err != nil {
			faults = append(faults, fmt.Errorf("%s: %s %w", s.File, name, err))
		}
	}
	if len(faults) == 0 {
		return s.checkFiscal()
	}
	// Every fault at once, in an order that doesn't change from run to run.
	slices.SortFunc(faults, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return errors.Join(faults...)
}

// flat names what is in a section by section.name. A table in the place of a
// plain setting stays as it is, for that to say what it must be.
func flat(raw map[string]any) map[string]any {
	all := map[string]any{}
	for name, value := range raw {
		section, ok := value.(map[string]any)
		if !ok || slices.ContainsFunc(keys(), func(k key) bool { return k.name == name }) {
			all[name] = value
			continue
		}
		for inner, value := range section {
			all[name+"."+inner] = value
		}
	}
	return all
}

func isSection(name string) bool {
	return slices.ContainsFunc(keys(), func(k key) bool { return strings.HasPrefix(k.name, name+".") })
}

func (s *settings) apply(name string, value any) error {
	for _, k := range keys() {
		if k.name == name {
			return k.set(s, value)
		}
	}
	if isSection(name) {
		return errors.New("must be a section, as in [" + name + "]")
	}
	return fmt.Errorf("is no setting; did you mean %s?", nearest(name))
}

// nearest is the setting that takes the fewest keystrokes to get to.
func nearest(name string) string {
	best := slices.MinFunc(keys(), func(a, b key) int { return cmp.Compare(distance(name, a.name), distance(name, b.name)) })
	return best.name
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		above := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := above
			if a[i] != b[j] {
				change++
			}
			above = row[j+1]
			row[j+1] = min(change, above+1, row[j]+1)
		}
	}
	return row[len(b)]
}

func setListen(s *settings, value any) error {
	text, ok := value.(string)
	if _, port, err := net.SplitHostPort(text); !ok || err != nil || port == "" {
		return fmt.Errorf("must be an address and a port, such as \":8791\", not %v", value)
	}
	s.Listen = text
	return nil
}

func setPublicURL(s *settings, value any) error {
	text, _ := value.(string)
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("must be an address such as \"https://pay.example.com\", not %v", value)
	}
	s.PublicURL = strings.TrimRight(text, "/")
	return nil
}

func setLinks(s *settings, value any) error {
	text, _ := value.(string)
	if text != "daemon" && text != "provider" {
		return fmt.Errorf("must be \"daemon\" or \"provider\", not %v", value)
	}
	s.ProviderLinks = text == "provider"
	return nil
}

func setHosts(s *settings, value any) error {
	list, ok := value.([]any)
	for _, one := range list {
		name, isText := one.(string)
		if ok = ok && isText && hostName.MatchString(name); ok {
			s.Hosts = append(s.Hosts, name)
		}
	}
	if !ok {
		return fmt.Errorf("must be a list of names such as [\"salon.example.com\"], not %v", value)
	}
	return nil
}

func setData(s *settings, value any) error {
	text, ok := value.(string)
	if !ok || text == "" {
		return fmt.Errorf("must be a folder, not %v", value)
	}
	s.Data = text
	return nil
}

func setSandbox(s *settings, value any) error {
	on, ok := value.(bool)
	if !ok {
		return fmt.Errorf("must be true or false, not %v", value)
	}
	s.Sandbox = &on
	return nil
}

func setWebhooksPrivate(s *settings, value any) error {
	on, ok := value.(bool)
	if !ok {
		return fmt.Errorf("must be true or false, not %v", value)
	}
	s.WebhooksPrivate = on
	return nil
}

func setLog(s *settings, value any) error {
	text, _ := value.(string)
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, text) {
		return fmt.Errorf("must be debug, info, warn or error, not %v", value)
	}
	level, err := zerolog.ParseLevel(text)
	s.Log = level
	return err
}

// defaultData is the platform's place for a service, or a folder in the
// person's home. systemd names its own.
func defaultData() string {
	if dir := os.Getenv("STATE_DIRECTORY"); dir != "" {
		return dir
	}
	home, err := os.UserHomeDir()
	service := err != nil || os.Geteuid() == 0
	switch {
	case runtime.GOOS == "windows":
		return filepath.Join(cmp.Or(os.Getenv("ProgramData"), `C:\ProgramData`), "Countersign")
	case runtime.GOOS == "darwin" && service:
		return "/Library/Application Support/Countersign"
	case runtime.GOOS == "darwin":
		return filepath.Join(home, "Library", "Application Support", "Countersign")
	case service:
		return "/var/lib/countersign"
	}
	return filepath.Join(cmp.Or(os.Getenv("XDG_DATA_HOME"), filepath.Join(home, ".local", "share")), "countersign")
}

// defaultConfig is where the settings are looked for when nobody says where.
func defaultConfig() string {
	const name = "countersign.toml"
	if dir := os.Getenv("CONFIGURATION_DIRECTORY"); dir != "" {
		return filepath.Join(dir, name)
	}
	if runtime.GOOS == "linux" && os.Geteuid() == 0 {
		return filepath.Join("/etc/countersign", name)
	}
	if dir, err := os.UserConfigDir(); err == nil && runtime.GOOS == "linux" {
		return filepath.Join(dir, "countersign", name)
	}
	return filepath.Join(defaultData(), name)
}

// tilde shortens a folder in the person's home for reading.
func tilde(dir string) string {
	if home, err := os.UserHomeDir(); err == nil && os.Geteuid() != 0 {
		if rest, ok := strings.CutPrefix(dir, home+string(filepath.Separator)); ok {
			return "~" + string(filepath.Separator) + rest
		}
	}
	return dir
}

// sample is a file of settings with everything in it and nothing set.
func sample() string {
	var b strings.Builder
	b.WriteString("# Settings of Countersign. Everything here is optional; what is commented out\n# shows an example.\n")
	in := ""
	for _, k := range keys() {
		section, name, ok := strings.Cut(k.name, ".")
		if !ok {
			section, name = "", k.name
		}
		if section != in {
			in = section
			fmt.Fprintf(&b, "\n#[%s]\n", section)
		}
		fmt.Fprintf(&b, "\n# %s\n#%s = %s\n", strings.ReplaceAll(k.about, "\n", "\n# "), name, k.example)
	}
	return b.String()
}

type settingsCommand struct{}

// Help is the command's example.
func (settingsCommand) Help() string {
	return example("", "countersign settings > countersign.toml")
}

// Run prints the sample.
func (settingsCommand) Run(p *program) error {
	_, err := fmt.Fprint(p.stdout, sample())
	return err
}

// json prints one line for a program to read.
func (p *program) json(v any) error { return json.NewEncoder(p.stdout).Encode(v) }
