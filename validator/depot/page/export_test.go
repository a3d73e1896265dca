package page

// Paths are those of the page.
func (p *Page) Paths() (all []string) {
	for pattern := range p.routes() {
		all = append(all, pattern)
	}
	return all
}
