package main

import (
	"fmt"
	"strings"
)

// around is the number of equal lines shown around a difference.
const around = 3

// An edit is a line of a comparison: ' ' is in both texts, '-' only in the first, '+' only in the
// second.
type edit struct {
	mark byte
	text string
}

// unified compares two texts, as diff -u does.
func unified(oldName, newName, oldText, newText string) string {
	edits := compareLines(linesOf(oldText), linesOf(newText))
	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ %s\n", oldName, newName)
	for first := 0; first < len(edits); {
		if edits[first].mark == ' ' {
			first++
			continue
		}
		end := hunkEnd(edits, first)
		writeHunk(&b, edits, max(0, first-around), min(len(edits), end+around))
		first = end
	}
	return b.String()
}

// hunkEnd is the end of the last difference that belongs to the one at first: the equal lines
// between them would all be shown.
func hunkEnd(edits []edit, first int) int {
	end := first + 1
	for n := end; n < len(edits) && n-end <= 2*around; n++ {
		if edits[n].mark != ' ' {
			end = n + 1
		}
	}
	return end
}

func writeHunk(b *strings.Builder, edits []edit, first, end int) {
	oldLine, newLine := count(edits[:first])
	oldCount, newCount := count(edits[first:end])
	fmt.Fprintf(b, "@@ -%d,%d +%d,%d @@\n", oldLine+1, oldCount, newLine+1, newCount)
	for _, e := range edits[first:end] {
		fmt.Fprintf(b, "%c%s\n", e.mark, e.text)
	}
}

// count is the number of lines of either text in the edits.
func count(edits []edit) (olds, news int) {
	for _, e := range edits {
		if e.mark != '+' {
			olds++
		}
		if e.mark != '-' {
			news++
		}
	}
	return olds, news
}

// linesOf splits a text into lines, and marks a last line without an end, since that is a
// difference too.
func linesOf(text string) []string {
	if text == "" {
		return nil
	}
	body, ended := strings.CutSuffix(text, "\n")
	lines := strings.Split(body, "\n")
	if !ended {
		lines[len(lines)-1] += " (no end of line)"
	}
	return lines
}

// compareLines finds a longest common subsequence, and the differences around it.
func compareLines(a, b []string) (edits []edit) {
	common := commonLengths(a, b)
	for len(a) > 0 || len(b) > 0 {
		i, j := len(common)-1-len(a), len(common[0])-1-len(b)
		switch {
		case len(a) > 0 && len(b) > 0 && a[0] == b[0]:
			edits = append(edits, edit{' ', a[0]})
			a, b = a[1:], b[1:]
		case len(b) == 0 || len(a) > 0 && common[i+1][j] >= common[i][j+1]:
			edits = append(edits, edit{'-', a[0]})
			a = a[1:]
		default:
			edits = append(edits, edit{'+', b[0]})
			b = b[1:]
		}
	}
	return edits
}

// commonLengths is the number of common lines for every pair of ends of a and b. Scenarios are
// short, so that its size, the product of theirs, does no harm.
func commonLengths(a, b []string) [][]int {
	lengths := make([][]int, len(a)+1)
	for i := range lengths {
		lengths[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				lengths[i][j] = lengths[i+1][j+1] + 1
			} else {
				lengths[i][j] = max(lengths[i+1][j], lengths[i][j+1])
			}
		}
	}
	return lengths
}
