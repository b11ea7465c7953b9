package client

import "slices"

// Region is the country whose people live by a time zone, "" where that isn't plain: who sets a
// location up has told where it is, and needn't tell it once more for the sake of telephones.
func Region(zone string) string {
	for region, zones := range zonesOf() {
		if slices.Contains(zones, zone) {
			return region
		}
	}
	return ""
}

func zonesOf() map[string][]string {
	return map[string][]string{
		"AD": {"Europe/Andorra"}, "AE": {"Asia/Dubai"}, "AL": {"Europe/Tirane"}, "AR": {"America/Argentina/Buenos_Aires"},
		"AT": {"Europe/Vienna"}, "AU": {"Australia/Sydney", "Australia/Melbourne", "Australia/Brisbane", "Australia/Adelaide", "Australia/Perth", "Australia/Darwin", "Australia/Hobart"},
		"BA": {"Europe/Sarajevo"}, "BE": {"Europe/Brussels"}, "BG": {"Europe/Sofia"}, "BR": {"America/Sao_Paulo"}, "BY": {"Europe/Minsk"},
		"CA": {"America/Toronto", "America/Vancouver", "America/Edmonton", "America/Winnipeg", "America/Halifax", "America/St_Johns"},
		"CH": {"Europe/Zurich"}, "CL": {"America/Santiago"}, "CO": {"America/Bogota"}, "CY": {"Asia/Nicosia", "Europe/Nicosia"}, "CZ": {"Europe/Prague"},
		"DE": {"Europe/Berlin", "Europe/Busingen"}, "DK": {"Europe/Copenhagen"}, "EE": {"Europe/Tallinn"}, "EG": {"Africa/Cairo"},
		"ES": {"Europe/Madrid", "Atlantic/Canary", "Africa/Ceuta"}, "FI": {"Europe/Helsinki"}, "FR": {"Europe/Paris"}, "GB": {"Europe/London"},
		"GE": {"Asia/Tbilisi"}, "GI": {"Europe/Gibraltar"}, "GR": {"Europe/Athens"}, "HK": {"Asia/Hong_Kong"}, "HR": {"Europe/Zagreb"}, "HU": {"Europe/Budapest"},
		"IE": {"Europe/Dublin"}, "IL": {"Asia/Jerusalem"}, "IN": {"Asia/Kolkata"}, "IS": {"Atlantic/Reykjavik"}, "IT": {"Europe/Rome"},
		"JP": {"Asia/Tokyo"}, "KR": {"Asia/Seoul"}, "KW": {"Asia/Kuwait"}, "LI": {"Europe/Vaduz"}, "LT": {"Europe/Vilnius"}, "LU": {"Europe/Luxembourg"},
		"LV": {"Europe/Riga"}, "MA": {"Africa/Casablanca"}, "MC": {"Europe/Monaco"}, "MD": {"Europe/Chisinau"}, "ME": {"Europe/Podgorica"},
		"MK": {"Europe/Skopje"}, "MT": {"Europe/Malta"}, "MX": {"America/Mexico_City"}, "MY": {"Asia/Kuala_Lumpur"}, "NL": {"Europe/Amsterdam"},
		"NO": {"Europe/Oslo"}, "NZ": {"Pacific/Auckland"}, "PE": {"America/Lima"}, "PH": {"Asia/Manila"}, "PL": {"Europe/Warsaw"},
		"PT": {"Europe/Lisbon", "Atlantic/Madeira", "Atlantic/Azores"}, "RO": {"Europe/Bucharest"}, "RS": {"Europe/Belgrade"}, "SA": {"Asia/Riyadh"},
		"SE": {"Europe/Stockholm"}, "SG": {"Asia/Singapore"}, "SI": {"Europe/Ljubljana"}, "SK": {"Europe/Bratislava"}, "SM": {"Europe/San_Marino"},
		"TH": {"Asia/Bangkok"}, "TN": {"Africa/Tunis"}, "TR": {"Europe/Istanbul"}, "TW": {"Asia/Taipei"}, "UA": {"Europe/Kyiv", "Europe/Kiev"},
		"US": {"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Phoenix", "America/Detroit", "America/Anchorage", "Pacific/Honolulu"},
		"VN": {"Asia/Ho_Chi_Minh"}, "ZA": {"Africa/Johannesburg"},
	}
}
