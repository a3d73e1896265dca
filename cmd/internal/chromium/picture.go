package chromium

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"maps"
	"slices"
)

// colours is the number of colours in a picture: a page has few, with their shades at the edges of
// letters.
const colours = 64

// reduced is a picture in its most frequent colours, which takes a third of the size.
func reduced(picture []byte) ([]byte, error) {
	full, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil, err
	}
	bounds := full.Bounds()
	often := map[color.Color]int{}
	each(bounds, func(x, y int) { often[full.At(x, y)]++ })
	palette := color.Palette(slices.SortedFunc(maps.Keys(often), func(a, b color.Color) int {
		return cmp.Or(often[b]-often[a], cmp.Compare(bits(a), bits(b)))
	}))
	palette = palette[:min(colours, len(palette))]
	nearest := map[color.Color]uint8{}
	for c := range often {
		nearest[c] = uint8(palette.Index(c))
	}
	few := image.NewPaletted(bounds, palette)
	each(bounds, func(x, y int) { few.SetColorIndex(x, y, nearest[full.At(x, y)]) })
	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, few)
	return out.Bytes(), err
}

func each(r image.Rectangle, do func(x, y int)) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			do(x, y)
		}
	}
}

// bits is a colour as a number, so that equal pictures give equal files.
func bits(c color.Color) uint64 {
	r, g, b, a := c.RGBA()
	return uint64(r)<<48 | uint64(g)<<32 | uint64(b)<<16 | uint64(a)
}
