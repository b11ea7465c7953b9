package stripesays

import (
	"cmp"
	"strings"

	"countersign/daemon/provider/hosted"
	"countersign/daemon/provider/units"
)

// Money is how Stripe counts, from its page "Currencies".
func Money() units.Table {
	return units.Table{Codes: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF" +
		" CLP CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS" +
		" INR ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK" +
		" MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP" +
		" SLE SOS SRD SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW",
		Hundredfold: "ISK UGX", Hundredths: "MGA", LastZero: "BHD JOD KWD OMR TND"}
}

// Received is an amount of Stripe's, whose currencies are in small letters, in
// our minor units.
func Received(value int64, code string) (int64, string, bool) {
	upper := strings.ToUpper(code)
	amount, ok := Money().From(value, upper)
	return amount, upper, ok && code != upper
}

// Locale is the page's language among Stripe's; auto leaves it to the browser.
func Locale(language string) string {
	return cmp.Or(hosted.Language(language, "bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl"+
		" pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW"), "auto")
}
