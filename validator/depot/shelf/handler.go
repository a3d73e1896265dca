package shelf

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"time"
)

// patience is how long a client may take to read an answer: a device cuts it after a minute.
const patience = 5 * time.Minute

// What a client may ask for by name. No other name becomes that of a file.
var (
	objectName = regexp.MustCompile(`^[0-9a-f]{64}$`)
	rootName   = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)
)

// Handler answers who asks for the manifest, a root or an object (package download has the link).
func (s *Shelf) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/manifest", func(w http.ResponseWriter, q *http.Request) {
		serveStatement(w, q, s.file(manifestFile))
	})
	mux.HandleFunc("GET /v1/roots/{version}", func(w http.ResponseWriter, q *http.Request) {
		if version := q.PathValue("version"); rootName.MatchString(version) {
			serveStatement(w, q, s.file("root-"+version))
			return
		}
		http.NotFound(w, q)
	})
	mux.HandleFunc("GET /v1/objects/{name}", func(w http.ResponseWriter, q *http.Request) {
		if name := q.PathValue("name"); objectName.MatchString(name) {
			serveObject(w, q, s.object(name), name)
			return
		}
		http.NotFound(w, q)
	})
	return mux
}

// serveStatement answers with a root or a manifest, which the next may replace at any time.
func serveStatement(w http.ResponseWriter, q *http.Request, path string) {
	raw, err := os.ReadFile(path)
	if err != nil {
		http.NotFound(w, q)
		return
	}
	serve(w, q, bytes.NewReader(raw), fmt.Sprintf("%x", sha256.Sum256(raw)))
}

// serveObject answers with an object, whole or in parts.
func serveObject(w http.ResponseWriter, q *http.Request, path, sum string) {
	file, err := os.Open(path)
	if err != nil {
		http.NotFound(w, q)
		return
	}
	defer file.Close()
	w.Header().Set("Cache-Control", "max-age=31536000, immutable")
	serve(w, q, file, sum)
}

// serve answers with a content whose tag is its SHA-256.
func serve(w http.ResponseWriter, q *http.Request, content io.ReadSeeker, sum string) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(patience))
	w.Header().Set("ETag", `"`+sum+`"`)
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, q, "", time.Time{}, content)
}
