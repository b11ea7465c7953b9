package vault

import (
	"errors"
	"unsafe"

	"golang.org/x/sys/windows"
)

// seal has Windows encrypt for this user on this computer (DPAPI), since the
// mode of a file means nothing there.
func seal(raw []byte) ([]byte, error) { return through(windows.CryptProtectData, raw) }

func unseal(raw []byte) ([]byte, error) {
	return through(func(in *windows.DataBlob, _ *uint16, extra *windows.DataBlob, more uintptr, prompt *windows.CryptProtectPromptStruct, flags uint32, out *windows.DataBlob) error {
		return windows.CryptUnprotectData(in, nil, extra, more, prompt, flags, out)
	}, raw)
}

type call func(in *windows.DataBlob, name *uint16, extra *windows.DataBlob, more uintptr, prompt *windows.CryptProtectPromptStruct, flags uint32, out *windows.DataBlob) error

func through(f call, raw []byte) ([]byte, error) {
	if len(raw) == 0 {
		return nil, errors.New("nothing to seal")
	}
	in := windows.DataBlob{Size: uint32(len(raw)), Data: &raw[0]}
	var out windows.DataBlob
	if err := f(&in, nil, nil, 0, nil, windows.CRYPTPROTECT_UI_FORBIDDEN, &out); err != nil {
		return nil, err
	}
	defer func() { _, _ = windows.LocalFree(windows.Handle(unsafe.Pointer(out.Data))) }()
	return append([]byte(nil), unsafe.Slice(out.Data, out.Size)...), nil
}

// settle has nothing to do: NTFS journals renames.
func settle(string) error { return nil }
