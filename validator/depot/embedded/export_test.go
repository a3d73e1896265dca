package embedded

import "go.etcd.io/bbolt"

// FailFlush has the flush of each commit fail, after all of it was written.
func (s *Store) FailFlush(err error) (back func()) {
	was := s.commit
	s.commit = func(s *Store, change func(*bbolt.Tx) error) error {
		if failed := was(s, change); failed != nil {
			return failed
		}
		return err
	}
	return func() { s.commit = was }
}
