package display

import (
	"bytes"
	_ "embed" // the measuring script
	"encoding/json"
	"strconv"
	"testing"

	"countersign/display/qr"

	"github.com/chromedp/chromedp"
)

// glass is a screen somebody may hang up.
type glass struct {
	width, height int64
	scale         float64 // device pixels a CSS pixel; 0: one
}

func (g glass) String() string {
	return strconv.FormatInt(g.width, 10) + "x" + strconv.FormatInt(g.height, 10)
}

// glasses are from the seven-inch tablet to the 4K wall, either way up, square,
// and the odd ones: a phone in a stand, a strip above a counter.
var glasses = []glass{
	{800, 480, 0}, {1024, 600, 0}, {480, 800, 0}, {600, 1024, 0}, {640, 360, 2}, {360, 640, 3}, {640, 360, 0}, {360, 640, 0},
	{1080, 1080, 0}, {1280, 800, 1.5}, {1024, 768, 0}, {768, 1024, 2}, {1366, 768, 0}, {1920, 1080, 0}, {1080, 1920, 0},
	{1280, 1024, 0}, {1024, 1280, 0}, {1920, 480, 0}, {1280, 480, 0}, {480, 1920, 0}, {2560, 1080, 0}, {3840, 2160, 0}, {2160, 3840, 0},
}

// drawing is a state as paint.js draws it.
type drawing struct {
	Name    string         `json:"name"`
	View    string         `json:"view"`
	Cover   string         `json:"cover,omitempty"`
	Scene   map[string]any `json:"scene"`
	Pair    map[string]any `json:"pair"`
	Sandbox bool           `json:"sandbox"`
	Flash   string         `json:"flash,omitempty"` // the name that an identified display flashes
}

// tongue is a language with the longest things said in it.
type tongue struct {
	brand                           Brand
	first, services, whole, closing string
	amount, most                    string // usual, and nine digits
}

var tongues = []tongue{
	{Brand{Name: "Studio Lumen", Colour: "#14514a", Language: "en", Zone: "Europe/Budapest", Provider: "Stripe"},
		"Anna", "Haircut + 1 more", "Visit K7Q2", "We open again on Monday at nine", "€25.00", "KWD 1,234,567.890"},
	{Brand{Name: "Praxis Dr. Öztürk-Hollenstein für Dermatologie und Ästhetik am Gendarmenmarkt", Colour: "#ffd400", Language: "de", Zone: "Europe/Berlin", Provider: "Landesbank Baden-Württemberg"},
		"Maximiliane-Alexandra", "Microneedling mit Hyaluron und anschließender Beratung für besonders empfindliche Haut + 3 weitere", "Besuch K7Q2",
		"Wir machen bis zum 7. Januar Betriebsferien und freuen uns auf Sie", "1.234,50\u00a0€", "−9.999.999,99\u00a0€"},
	{Brand{Name: "صالون لومن للتجميل", Colour: "#e8a0b4", Language: "ar", Zone: "Asia/Kuwait", Provider: "Stripe"},
		"فاطمة", "قص الشعر + 1 more", "زيارة K7Q2", "نعود إليكم صباح يوم الأحد", "\u200f25.000 د.ك.\u200f", "999 999 999 Ft"},
}

// drawings are everything a display can show in a tongue.
func drawings(t testing.TB, l tongue) []drawing {
	t.Helper()
	draw := func(url string) string {
		made, err := qr.Encode(url)
		if err != nil {
			t.Fatal(err)
		}
		return made.SVG()
	}
	svg := draw("HTTPS://PAY.LUMEN.EXAMPLE/S/ABCDEFGHJKLMNPQRSTUVWXYZ23")
	dense := draw("https://checkout.provider.example/c/pay/cs_live_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0?prefilled=1&ref=K7Q2")
	code := func(svg, amount, title, greeting string) map[string]any {
		return map[string]any{"qr_svg": svg, "amount": amount, "title": title, "greeting": greeting}
	}
	again := code(svg, l.amount, "", "")
	again["reason"] = "unavailable"
	return []drawing{
		{Name: "pair", View: "pair", Pair: map[string]any{"code": "K7Q2MX", "qr_svg": draw("http://salon.example/desk/setup?pair=K7Q2MX")}},
		{Name: "pair-no-address", View: "pair", Pair: map[string]any{"code": "WMWMWM"}},
		{Name: "idle", View: "idle"},
		{Name: "quiet", View: "quiet"},
		{Name: "qr", View: "qr", Scene: code(svg, l.amount, l.whole, "")},
		{Name: "qr-named", View: "qr", Scene: code(svg, l.amount, l.services, l.first)},
		{Name: "qr-most", View: "qr", Scene: code(dense, l.most, l.services, l.first), Sandbox: true},
		{Name: "qr-yen", View: "qr", Scene: code(svg, "¥999,999,999", "", "")},
		{Name: "again", View: "again", Scene: again},
		{Name: "in_progress", View: "in_progress", Scene: map[string]any{"amount": l.amount}},
		{Name: "in_progress-most", View: "in_progress", Scene: map[string]any{"amount": l.most}, Sandbox: true},
		{Name: "paid", View: "paid", Scene: map[string]any{"amount": l.amount}},
		{Name: "paid-most", View: "paid", Scene: map[string]any{"amount": l.most}, Sandbox: true},
		{Name: "failed", View: "failed", Scene: map[string]any{"reason": "unavailable"}},
		{Name: "expired", View: "expired"},
		{Name: "closed", View: "closed", Scene: map[string]any{"reason": l.closing}},
		{Name: "lost", View: "cover", Cover: "lost"},
		{Name: "replaced", View: "cover", Cover: "replaced"},
		{Name: "unknown", View: "cover", Cover: "unknown"},
		{Name: "identify", View: "idle", Flash: "Reception 1 Empfangstheke"},
	}
}

// arabic stands in for a catalogue that is read from the right.
const arabic = `"dir":"rtl","hello":"مرحبًا {name}","scan":"امسح للدفع","step1":"افتح كاميرا هاتفك","step2":"وجّهها نحو الرمز","step3":"ادفع من هاتفك. تخبرك هذه الشاشة عند الانتهاء",` +
	`"secure":"دفع آمن","secure_by":"دفع آمن عبر {provider}","other":"تفضّل الدفع نقدًا أو بالبطاقة؟ اسأل الاستقبال","progress":"تابع على هاتفك","progress_more":"تخبرك هذه الشاشة عند الانتهاء",` +
	`"paid":"تم دفع","thanks":"شكرًا لك. إيصالك على هاتفك.","failed":"لم تتم عملية الدفع","declined":"رفض البنك عملية الدفع","cancelled":"أوقفت عملية الدفع","expired":"انتهت صلاحية هذا الرمز",` +
	`"unavailable":"الدفع عبر الهاتف غير متاح الآن","again":"يمكنك مسح الرمز مرة أخرى","ask":"يرجى سؤال الاستقبال","closed":"نحن مغلقون","closed_more":"نراكم قريبًا",` +
	`"moment":"لحظة من فضلك","reconnecting":"نعيد توصيل هذه الشاشة","replaced":"هذه الشاشة مفتوحة في نافذة أخرى","replaced_more":"المس هنا لعرضها في هذه","pair":"اقرن هذه الشاشة",` +
	`"pair_how":"على جهاز الاستقبال افتح الإعداد ثم الشاشات وأدخل هذا الرمز أو امسحه","sandbox":"SANDBOX","sandbox_more":"مدفوعات تجريبية فقط","unnamed":"الاستقبال"`

// laid opens the page, with a catalogue read from the right, and leaves it to
// the test to draw.
func laid(t *testing.T) *screen {
	t.Helper()
	h := open(t)
	h.assets.page = bytes.Replace(h.assets.page, []byte(`{"de":{`), []byte(`{"ar":{`+arabic+`},"de":{`), 1)
	s := browse(t)
	s.media("light", "reduce")
	s.do(chromedp.Navigate(h.srv.URL + "/display"))
	s.view("pair")
	return s
}

//go:embed testdata/measure.js
var measuringAll string

// R31: every scene, in three languages, on every screen, light and dark: nothing
// leaves the screen, is cut, breaks or lies over anything else, everything can
// be read, and the code can be scanned.
func TestR31EverySceneFitsEveryScreen(t *testing.T) {
	s := laid(t)
	eval[bool](s, measuringAll+"true")
	for _, l := range tongues {
		eval[bool](s, "window.all = "+quoted(t, drawings(t, l))+", true")
		for _, scheme := range []string{"light", "dark"} {
			l.brand.Dark = scheme
			for _, g := range glasses {
				s.do(chromedp.EmulateViewport(g.width, g.height, chromedp.EmulateScale(max(g.scale, 1))))
				for name, faults := range eval[map[string][]string](s, everything(quoted(t, l.brand))) {
					for _, fault := range faults {
						t.Errorf("%s, %s, %s, %s: %s", name, g, l.brand.Language, scheme, fault)
					}
				}
			}
		}
	}
	s.clean()
}

// everything measures all drawings in a brand, by name.
func everything(brand string) string {
	return `window.all.reduce(function (found, d) { found[d.name] = measure(d, ` + brand + `); return found; }, {})`
}

// quoted is a value as the page reads it.
func quoted(t testing.TB, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// R31: whatever colour a location has, light, dark or in between, everything
// can be read on it.
func TestR31EveryColourCanBeRead(t *testing.T) {
	s := laid(t)
	eval[bool](s, measuringAll+"true")
	eval[bool](s, "window.all = "+quoted(t, drawings(t, tongues[0]))+", true")
	for _, size := range []glass{{800, 480, 0}, {1080, 1920, 0}} {
		s.do(chromedp.EmulateViewport(size.width, size.height))
		for _, colour := range []string{"#000000", "#ffffff", "#767676", "#808080", "#8a8a8a", "#ff0000", "#00c853", "#2196f3", "#9c27b0", "#ff6f61", "#c0a080", "nonsense"} {
			for _, ink := range []string{"", "#ffffff", "#777777"} {
				for _, scheme := range []string{"light", "dark"} {
					brand := Brand{Name: "Studio Lumen", Colour: colour, Ink: ink, Language: "en", Zone: "Europe/Budapest", Dark: scheme}
					for name, faults := range eval[map[string][]string](s, everything(quoted(t, brand))) {
						for _, fault := range faults {
							t.Errorf("%s, %s on %q, %s, %s: %s", name, ink, colour, size, scheme, fault)
						}
					}
				}
			}
		}
	}
	s.clean()
}
