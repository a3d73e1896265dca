package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare/sale"
	"leima/hw/desfire"
)

// aReplacement is an old card as the register knows it, and an empty new one like it.
func aReplacement(t *testing.T, valid, kind string) {
	t.Helper()
	folder(t, "terms.toml")
	born := "born 1980-05-17\n"
	if kind != "personal" {
		born = ""
	}
	const card = "number %s\nkind %s\narea 227\n%sissued 2018-01-02\nvalid %s\n%s"
	write(t, "old.txt", fmt.Sprintf(card, "924699 0011 2345 6787", kind, born, valid,
		"purse 20.00\nseason1 area=227 product=30 zones=A days=30 price=50.00\n"))
	write(t, "new.txt", fmt.Sprintf(card, "924699 0000 0000 0015", kind, born, "2034-01-01", ""))
	done(t, "issue", "new.txt", "--out", "new.img")
	done(t, "issue", "old.txt", "--out", "old.img")
}

func replacing(t *testing.T, cause, at string, more ...string) result {
	return tool(t, "", append([]string{
		"replace", "old.txt", "new.img", "--cause", cause, "--bought",
		"2018-01-02", "--tariff", "terms.toml", "--at", at + " 10:00",
	}, more...)...)
}

// Ensure that what is on a card that has ended moves and is paid out for as long as the terms
// say, and is written off then: by every act, whatever the cause; and that a season of
// it does not move.
func TestEndedCard(t *testing.T) {
	for _, cause := range []string{"broken", "neglected", "lost"} {
		aReplacement(t, "2022-11-01", "personal")
		before := read(t, "new.img")
		came := replacing(t, cause, "2026-11-28", "--list", "blocked.txt")
		require.Equal(t, exitRefused, came.code, cause)
		require.Contains(t, came.err, "could be moved until 2023-11-01 (R-033)", cause)
		require.Equal(t, before, read(t, "new.img"), cause)
		require.NoFileExists(t, "blocked.txt", "a card that is not replaced is not listed")

		came = replacing(t, cause, "2023-11-01", "--list", "blocked.txt")
		require.Equal(t, exitOK, came.code, came.err)
		require.Contains(t, came.out, "purse     0.00 → 20.00")
		require.NotContains(t, came.out, "season1")
	}
	aReplacement(t, "2022-11-01", "personal")
	refund := func(at string) result {
		return tool(t, "", "refund", "old.img", "--identity", "--tariff", "terms.toml", "--at", at)
	}
	came := refund("2026-11-28 10:00")
	require.Equal(t, exitRefused, came.code)
	require.Contains(t, came.err, "R-033")
	require.Equal(t, exitOK, refund("2023-11-01 10:00").code)
}

// Ensure that a lost card goes onto the block list's text in the same act, or nothing moves
// without a list, and with one that is none; once, whatever stood there, and so that
// no unblocking outgrows it.
func TestLostCardIsListed(t *testing.T) {
	for kind, listed := range map[string]string{"personal": "personal 255", "company": "company 255"} {
		aReplacement(t, "2034-01-01", kind)
		before := read(t, "new.img")
		came := replacing(t, "lost", "2026-11-28")
		require.Equal(t, exitRefused, came.code)
		require.Contains(t, came.err, "R-104")
		require.Equal(t, before, read(t, "new.img"))
		write(t, "wrong.txt", "924699\n")
		require.Equal(t, exitUsage, replacing(t, "lost", "2026-11-28", "--list", "wrong.txt").code)
		require.Equal(t, exitFailed, replacing(t, "lost", "2026-11-28", "--list", "nowhere/b.txt").code)
		require.Equal(t, before, read(t, "new.img"))

		write(t, "blocked.txt", "# ours\n924699 0000 0000 0023 company 0\n924699 0011 2345 6787 "+
			kind+" 0 # reported\n")
		came = replacing(t, "lost", "2026-11-28", "--list", "blocked.txt")
		require.Equal(t, exitOK, came.code, came.err)
		require.Equal(t, "# ours\n924699 0000 0000 0023 company 0\n924699 0011 2345 6787 "+listed+
			" # replaced 2026-11-28\n", read(t, "blocked.txt"))
		done(t, "list", "build", "blocked.txt", "--area", "227", "--version", "3", "--out", "b.db")
		require.Contains(t, done(t, "list", "show", "b.db", "--card", "924699001123456787"), "255")
		came = tool(t, "", "refund", "old.img", "--identity", "--list", "blocked.txt", "--tariff",
			"terms.toml", "--at", "2026-11-28 10:00")
		require.Equal(t, exitRefused, came.code, "it was replaced")
	}
}

// Ensure that a card that lies on the counter is noted as destroyed and not blocked, and
// that a bearer card never is.
func TestBrokenCardIsDestroyed(t *testing.T) {
	for _, kind := range []string{"personal", "company", "bearer"} {
		aReplacement(t, "2034-01-01", kind)
		came := replacing(t, "broken", "2026-11-28", "--list", "blocked.txt")
		require.Equal(t, exitOK, came.code, came.err)
		require.Contains(t, came.out, "destroy   924699 0011 2345 6787 (R-113)")
		require.Equal(t, "# 924699 0011 2345 6787 destroyed 2026-11-28\n", read(t, "blocked.txt"))
		done(t, "list", "build", "blocked.txt", "--area", "227", "--version", "3", "--out", "b.db",
			"--fewer")
	}
	aReplacement(t, "2034-01-01", "bearer")
	came := replacing(t, "lost", "2026-11-28", "--list", "blocked.txt")
	require.Equal(t, exitRefused, came.code)
	require.True(t, strings.Contains(came.err, "R-108"), came.err)
	require.NoFileExists(t, "blocked.txt")
}

// Ensure that what was on a card moves once: one that the list's text calls replaced or destroyed
// is neither replaced again nor paid out, whatever is said to have happened to it; and that the
// text is as it was where nothing has moved.
func TestReplacedOnce(t *testing.T) {
	for _, first := range []string{"broken", "neglected", "lost"} {
		for _, again := range []string{"broken", "neglected", "lost"} {
			aReplacement(t, "2034-01-01", "personal")
			write(t, "blocked.txt", "# ours\n924699 0011 2345 6787 personal 0 # reported\n")
			write(t, "empty.img", read(t, "new.img"))
			require.NoError(t, os.Remove("new.img"))
			require.Equal(t, exitFailed, replacing(t, first, "2026-11-28", "--list", "blocked.txt").code)
			require.Equal(t, "# ours\n924699 0011 2345 6787 personal 0 # reported\n",
				read(t, "blocked.txt"))

			write(t, "new.img", read(t, "empty.img"))
			came := replacing(t, first, "2026-11-28", "--list", "blocked.txt")
			require.Equal(t, exitOK, came.code, came.err)
			listed := read(t, "blocked.txt")
			write(t, "new.img", read(t, "empty.img"))
			came = replacing(t, again, "2026-11-29", "--list", "blocked.txt")
			require.Equal(t, exitRefused, came.code, "%s, then %s", first, again)
			require.Contains(t, came.err, "was replaced already")
			require.Equal(t, read(t, "empty.img"), read(t, "new.img"))
			require.Equal(t, listed, read(t, "blocked.txt"))
			came = tool(t, "", "refund", "old.img", "--identity", "--list", "blocked.txt", "--tariff",
				"terms.toml", "--at", "2026-11-28 10:00")
			require.Equal(t, exitRefused, came.code, first)
		}
	}
}

// Ensure that the list's text is as it was where a new card has taken nothing, and stays where
// that is not known.
func TestListOfAReplacementThatFailed(t *testing.T) {
	old := &cardlayout.Card{Number: 924699001123456787, Kind: cardlayout.Personal}
	for _, before := range []string{"", "# ours\n"} {
		for failed, stays := range map[error]bool{
			errors.New("no space"): false, errStopped: true, desfire.ErrCommitUnknown: true,
		} {
			folder(t)
			if before != "" {
				write(t, "blocked.txt", before)
			}
			input, err := new(bench).blockInput(t.Context(), "blocked.txt")
			require.NoError(t, err)
			require.NoError(t, input.restore(failed), "nothing was written")
			require.NoError(t, input.replaced(old, sale.Lost, 10000))
			require.NoError(t, input.restore(failed))
			switch {
			case stays:
				require.Contains(t, read(t, "blocked.txt"), "replaced")
			case before == "":
				require.NoFileExists(t, "blocked.txt")
			default:
				require.Equal(t, before, read(t, "blocked.txt"))
			}
		}
	}
}
