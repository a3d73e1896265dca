package emu

// A status is the last byte of every answer (MIFARE DESFire EV2 data sheet, status and error codes;
// sent as SW 91xx in wrapped form).
type status byte

const (
	operationOK         status = 0x00
	signatureOK         status = 0x90 // success of Read_Sig (proxmark3, desfirecore.c)
	noChanges           status = 0x0C // nothing to commit or to abort
	outOfMemory         status = 0x0E
	illegalCommand      status = 0x1C
	integrityError      status = 0x1E // MAC, CRC or padding is wrong
	noSuchKey           status = 0x40
	lengthError         status = 0x7E
	permissionDenied    status = 0x9D // not allowed with any key
	parameterError      status = 0x9E
	applicationNotFound status = 0xA0
	authenticationError status = 0xAE // not allowed with the present authentication
	additionalFrame     status = 0xAF
	boundaryError       status = 0xBE
	commandAborted      status = 0xCA // a chain of frames was left unfinished
	countError          status = 0xCE // the largest number of applications exists
	duplicateError      status = 0xDE
	memoryError         status = 0xEE // the chip itself failed
	fileNotFound        status = 0xF0
)

// good reports whether a command has succeeded, or continues.
func (st status) good() bool {
	return st == operationOK || st == additionalFrame || st == signatureOK
}
