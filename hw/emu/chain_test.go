package emu_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/emu"
)

func pattern(n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i*7 + i>>8)
	}
	return p
}

// pieces sends a long command in frames of so many bytes each.
func (c *client) pieces(ins byte, params []byte, n int) ([]byte, byte) {
	c.t.Helper()
	for len(params) > n {
		out, st := c.send(ins, params[:n]...)
		if st != 0xAF {
			return out, st
		}
		require.Empty(c.t, out)
		params, ins = params[n:], 0xAF
	}
	return c.whole(ins, params...)
}

// Ensure that long data go in and out in frames of every size and every mode, and
// that no frame is longer than the card says.
func TestChaining(t *testing.T) {
	for frame, most := range map[int]int{64: 59, 128: 123, 256: 251} {
		for file, how := range map[byte]int{fileStd: plain, fileLarge: full, fileMAC: maced} {
			for _, piece := range []int{7, 8, 55, 59} {
				c := open(t, issue(t, frame, false), emu.Air{})
				data := pattern(299)
				params := c.protect(how, 0x3D, span(file, 1, len(data)), data)
				out, st := c.pieces(0x3D, params, piece)
				require.Equal(t, byte(0), st)
				c.accept(how, out)

				params = c.protect(how, 0xBD, span(file, 1, len(data)), nil)
				last, st := c.send(0xBD, params...)
				out = last
				for st == 0xAF {
					require.Len(t, last, most)
					last, st = c.send(0xAF)
					out = append(out, last...)
				}
				require.Equal(t, byte(0), st)
				require.LessOrEqual(t, len(last), most)
				require.Equal(t, data, c.accept(how, out))
			}
		}
	}
}

// Ensure that a frame is filled before the next is begun: 84 bytes of history are
// 59 and 25.
func TestFramesAreFilled(t *testing.T) {
	c := open(t, issue(t, 64, false), emu.Air{})
	out, st := c.send(0xBD, span(fileStd, 0, 84)...)
	require.Equal(t, byte(0xAF), st)
	require.Len(t, out, 59)
	out, st = c.send(0xAF)
	require.Equal(t, byte(0), st)
	require.Len(t, out, 25)
}

// Ensure that the ISO codes answer in one APDU, whatever the frame.
func TestWholeAnswers(t *testing.T) {
	c := open(t, issue(t, 64, false), emu.Air{})
	out, st := c.send(0xAD, span(fileStd, 0, 256)...)
	require.Equal(t, byte(0), st)
	require.Len(t, out, 256)
}

// Ensure that GetVersion comes in three frames, its MAC in the last.
func TestVersion(t *testing.T) {
	c := meet(t, newCard(64), emu.Air{})
	frames := []string{"04010112001A05", "04010102011A05"}
	ins := byte(0x60)
	for _, want := range frames {
		out, st := c.send(ins)
		require.Equal(t, byte(0xAF), st)
		require.Equal(t, unhex(t, want), out)
		ins = 0xAF
	}
	out, st := c.send(0xAF)
	require.Equal(t, byte(0), st)
	require.Len(t, out, 14)
	require.Equal(t, uid[:], out[:7])
	c.login(0x71, 0, master[:])
	require.Len(t, c.do(maced, 0x60, nil, nil), 28)
}

// Ensure that another command in the middle of a chain, either way, is not
// executed but answered with CA, and that the card is then as after any error.
func TestChainIsInterrupted(t *testing.T) {
	for name, begin := range map[string]func(c *client){
		"reading": func(c *client) { c.send(0xBD, span(fileStd, 0, 0)...) },
		"writing": func(c *client) { c.send(0x3D, span(fileStd, 0, 5)...) },
		"version": func(c *client) { c.send(0x60, c.protect(maced, 0x60, nil, nil)...) },
		"login":   func(c *client) { c.send(0x77, 1) },
	} {
		card := issue(t, 64, false)
		before := memory(t, card)
		c := open(t, card, emu.Air{})
		writeAll(c)
		begin(c)
		_, st := c.send(0x8D, join(span(fileStd, 0, 1), 1)...)
		require.Equal(t, byte(0xCA), st, name)
		require.Equal(t, before, memory(t, card), name)
		_, st = c.send(0xAF)
		require.Equal(t, byte(0x1C), st, name)
		c.login(0x71, 1, zero)
		_, st = c.run(maced, 0xC7, nil, nil)
		require.Equal(t, byte(0x0C), st, name)
	}
}

// Ensure that a chain that brings too much or asks with data is refused.
func TestChainLengths(t *testing.T) {
	c := open(t, issue(t, 64, false), emu.Air{})
	_, st := c.send(0x3D, join(span(fileStd, 0, 5), 1, 2)...)
	require.Equal(t, byte(0xAF), st)
	_, st = c.send(0xAF, 3, 4, 5, 6)
	require.Equal(t, byte(0x7E), st)
	_, st = c.send(0xBD, span(fileStd, 0, 0)...)
	require.Equal(t, byte(0xAF), st)
	_, st = c.send(0xAF, 0)
	require.Equal(t, byte(0x7E), st)
}

// Ensure that the rights and the bounds of a write are judged at its first frame.
func TestWriteIsJudgedFirst(t *testing.T) {
	c := open(t, issue(t, 64, false), emu.Air{})
	_, st := c.send(0x3D, span(fileStd, 0, 301)...)
	require.Equal(t, byte(0xBE), st)
	_, st = c.send(0x3D, span(fileBackup, 0, 10)...)
	require.Equal(t, byte(0xAE), st)
}

// Ensure that a list of applications is cut between them.
func TestManyApplications(t *testing.T) {
	c := meet(t, newCard(64), emu.Air{})
	var want []byte
	for i := range 30 {
		id := []byte{byte(i), 2, 3}
		c.do(plain, 0xCA, join(id, 0x0F, 0x81), nil)
		want = append(want, id...)
	}
	out, st := c.send(0x6A)
	require.Equal(t, byte(0xAF), st)
	require.Len(t, out, 57, "nineteen")
	more, st := c.send(0xAF)
	require.Equal(t, byte(0), st)
	require.Equal(t, want, append(out, more...))
}

// Ensure that the files are listed and described.
func TestFileList(t *testing.T) {
	c := meet(t, issue(t, 64, true), emu.Air{})
	c.selectApp(app)
	c.login(0x71, 0, zero)
	require.Equal(t, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 15}, c.do(maced, 0x6F, nil, nil))
	for file, want := range map[byte]string{
		fileStd: "0000E0EE2C0100", fileBackup: "01031011400000", fileTMAC: "0501F01F0207",
		fileCyclic: "0401 1011 0C0000 080000 000000",
	} {
		want := unhex(t, string(bytes.ReplaceAll([]byte(want), []byte(" "), nil)))
		require.Equal(t, want, c.do(maced, 0xF5, []byte{file}, nil))
	}
	require.Equal(t, []byte{0x09, 0x84}, c.do(maced, 0x45, nil, nil))
}
