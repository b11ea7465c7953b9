package page

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The grounds that text in the brand's colour stands on, from app.css: the ones
// hardest to be read on, in light and in dark.
const (
	lightGround = "#f7f4ee"
	darkGround  = "#26221d"
	ownBrand    = "#14514a" // when the location has chosen none
)

// readable is the contrast that WCAG asks of text at level AA.
const readable = 4.5

type rgb struct{ r, g, b float64 } // 0…1

// BrandCSS is the style sheet that carries a location's colour ("#14514a") into every
// page: the colour itself, the ink that can be read on it, a shade of it that can be
// read as text, and a soft one for grounds, for light and for dark. What is no colour
// becomes our own, so nothing a person typed reaches the sheet as it was typed.
func BrandCSS(colour string) string {
	brand, ok := parseColour(colour)
	if !ok {
		brand, _ = parseColour(ownBrand)
	}
	light, _ := parseColour(lightGround)
	dark, _ := parseColour(darkGround)
	rule := func(brand, ground rgb, soft float64) string {
		tint := mix(ground, brand, soft).written()
		return fmt.Sprintf("--brand: %s; --brand-ink: %s; --brand-text: %s; --brand-soft: %s;",
			brand, inkOn(brand), readableOn(brand, ground, tint), tint)
	}
	return fmt.Sprintf(":root { %s }\n@media (prefers-color-scheme: dark) { :root { %s } }\n",
		rule(brand, light, 0.10), rule(brand, dark, 0.28))
}

// InkOn is the colour that text has on a location's colour, black or white.
func InkOn(colour string) string {
	ground, ok := parseColour(colour)
	if !ok {
		ground, _ = parseColour(ownBrand)
	}
	return inkOn(ground).String()
}

// inkOn is black or white, whichever is read better: one of them always reaches AA.
func inkOn(ground rgb) rgb {
	white, black := rgb{1, 1, 1}, rgb{0, 0, 0}
	if contrast(ground, white) >= readable || contrast(ground, white) >= contrast(ground, black) {
		return white
	}
	return black
}

// readableOn moves a colour towards black or white until it can be read on all the
// grounds, which are all light or all dark.
func readableOn(colour rgb, grounds ...rgb) rgb {
	towards := rgb{0, 0, 0}
	if contrast(grounds[0], rgb{1, 1, 1}) > contrast(grounds[0], towards) {
		towards = rgb{1, 1, 1}
	}
	for step := 0.0; step < 1; step += 0.02 {
		// Judged as it is written, in whole parts of 255: rounding may cost a little.
		shade := mix(colour, towards, step).written()
		worst := math.Inf(1)
		for _, ground := range grounds {
			worst = min(worst, contrast(shade, ground))
		}
		if worst >= readable {
			return shade
		}
	}
	return towards
}

func parseColour(s string) (rgb, bool) {
	s, found := strings.CutPrefix(s, "#")
	if len(s) == 3 {
		s = string([]byte{s[0], s[0], s[1], s[1], s[2], s[2]})
	}
	n, err := strconv.ParseUint(s, 16, 32)
	if !found || len(s) != 6 || err != nil {
		return rgb{}, false
	}
	part := func(shift uint) float64 { return float64(n>>shift&0xff) / 255 }
	return rgb{part(16), part(8), part(0)}, true
}

// String writes the colour as style sheets do.
func (c rgb) String() string {
	part := func(v float64) int { return int(math.Round(v * 255)) }
	return fmt.Sprintf("#%02x%02x%02x", part(c.r), part(c.g), part(c.b))
}

// written is the colour as the sheet carries it, in whole parts of 255.
func (c rgb) written() rgb {
	whole, _ := parseColour(c.String())
	return whole
}

func mix(a, b rgb, share float64) rgb {
	blend := func(x, y float64) float64 { return x + (y-x)*share }
	return rgb{blend(a.r, b.r), blend(a.g, b.g), blend(a.b, b.b)}
}

// contrast is the ratio of WCAG 2, from 1 to 21.
func contrast(a, b rgb) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(c rgb) float64 {
	linear := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}
