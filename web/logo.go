package web

import (
	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/display/slide"
	"countersign/web/page"
)

// logoPath takes the picture of a logo.
const logoPath = "/desk/setup/logo"

// saveLogo serves POST /desk/setup/logo: the logo that is printed, or none.
func (v *view) saveLogo() error {
	if err := v.a.Need(access.SettingsManage); err != nil {
		return err
	}
	_, file, err := v.sentPicture()
	var png []byte
	if remove := v.r.PostForm.Get("act") == "remove"; !remove && err == nil {
		png, err = fit(v.s, v.r, file, slide.Logo)
	} else if remove {
		err = nil
	}
	if err == nil {
		err = v.s.desk.SaveLogo(v.a, png)
	}
	if err != nil {
		return v.undone("location", err, func(*page.Setup) {})
	}
	return v.done("location")
}

// logoPicture serves GET /desk/setup/logo.png.
func (v *view) logoPicture() error {
	if err := v.a.Need(access.SettingsManage); err != nil {
		return err
	}
	png, err := v.s.desk.Logo()
	if err == nil && png == nil {
		err = fault.NotFound("logo")
	}
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "image/png")
	v.w.Header().Set("Cache-Control", "private, no-store")
	_, err = v.w.Write(png)
	return err
}
