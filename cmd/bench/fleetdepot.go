package main

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"leima/cmd/internal/emulated/fleet"
	"leima/cmd/internal/keyfile"
	"leima/validator/sim"
)

// fleetDepot is a depot's program, and its folder.
type fleetDepot struct {
	folder, program string
	listen, page    string
	err             io.Writer
	address         string
	head            []string
	running         *exec.Cmd
}

// depotConfig is for trials on one machine.
const depotConfig = `listen = %q

[ledger]
office = ["office.pem"] # everybody's: the test key
keys = "issuer.toml"    # and so are these
zone = "Europe/Helsinki"

[page]
listen = %q
`

// make makes the folder.
func (d *fleetDepot) make() error {
	if d.program == "" {
		own, err := os.Executable()
		if err != nil {
			return err
		}
		d.program = filepath.Join(filepath.Dir(own), "depot")
	}
	if _, err := os.Stat(d.folder); !errors.Is(err, fs.ErrNotExist) {
		return refusal(fmt.Errorf("%s is there already: a trial makes a depot of its own: name "+
			"another folder", d.folder))
	}
	if said, err := exec.Command(d.program, "init", d.folder, "--name", "127.0.0.1").
		CombinedOutput(); err != nil {
		return fmt.Errorf("the depot's program %s: %w: %s", d.program, err, bytes.TrimSpace(said))
	}
	office, err := x509.MarshalPKCS8PrivateKey(sim.TestBackOffice())
	if err != nil {
		return err
	}
	var keys bytes.Buffer
	if err := keyfile.Write(&keys, sim.TestKeys()); err != nil {
		return err
	}
	for name, text := range map[string][]byte{
		"issuer.toml": keys.Bytes(),
		"office.pem":  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: office}),
		"depot.toml":  fmt.Appendf(nil, depotConfig, d.listen, d.page),
	} {
		if err := os.WriteFile(filepath.Join(d.folder, name), text, 0o600); err != nil {
			return unwritable(name, err)
		}
	}
	return nil
}

// fleetPIN is everybody's PIN at the page of a trial.
const fleetPIN = "482915"

// welcome lets a person of each role sign on at the page, and says how.
func (d *fleetDepot) welcome() (how string, err error) {
	pin := filepath.Join(d.folder, "pin")
	if err := os.WriteFile(pin, []byte(fleetPIN), 0o600); err != nil {
		return "", unwritable(pin, err)
	}
	defer os.Remove(pin)
	for n, role := range []string{"operator", "service", "finance"} {
		if said, err := exec.Command(d.program, "person", "add", d.folder, "--number",
			strconv.Itoa(n+1), "--role", role, "--pin-file", pin).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%w: %s", err, bytes.TrimSpace(said))
		}
	}
	return "sign on there with the PIN " + fleetPIN + ": as 1 to see the fleet, as 2 for a " +
		"card's story and the cases, as 3 for takings", nil
}

// admit writes the fleet's devices into the register, and returns whom they trust.
func (d *fleetDepot) admit(f *fleet.Fleet) (*x509.CertPool, error) {
	var register strings.Builder
	for number, key := range f.Keys() {
		fmt.Fprintf(&register, "[%d]\nkey = %q\n", number, key)
	}
	err := os.WriteFile(filepath.Join(d.folder, "devices.toml"), []byte(register.String()), 0o600)
	if err != nil {
		return nil, err
	}
	certificate, err := os.ReadFile(filepath.Join(d.folder, "certificate.pem"))
	if err != nil {
		return nil, err
	}
	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM(certificate)
	return authorities, nil
}

// start starts the program, and waits until it answers.
func (d *fleetDepot) start() error {
	d.running = exec.Command(d.program, "serve", d.folder)
	d.running.Stderr = d.err
	d.running.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is not for it
	out, err := d.running.StdoutPipe()
	if err != nil {
		return err
	}
	if err := d.running.Start(); err != nil {
		return err
	}
	d.head = nil
	for lines := bufio.NewScanner(out); lines.Scan(); {
		d.head = append(d.head, lines.Text())
		if address, says := strings.CutPrefix(lines.Text(), "devices send to "); says {
			d.address = address
			return nil
		}
	}
	return fmt.Errorf("the depot does not start: %w", d.running.Wait())
}

// says is what the program has said at its start.
func (d *fleetDepot) says() string { return strings.Join(d.head, "\n") }

// restart kills the program, and starts it again.
func (d *fleetDepot) restart() error {
	_ = d.running.Process.Kill()
	_ = d.running.Wait()
	return d.start()
}

// memory is how much the program has had, at most, as Linux counts it (proc(5)); "" elsewhere.
func (d *fleetDepot) memory() string {
	said, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", d.running.Process.Pid))
	_, most, _ := strings.Cut(string(said), "VmHWM:")
	kilobytes := 0
	if n, _ := fmt.Sscanf(most, "%d", &kilobytes); n == 0 {
		return ""
	}
	return fmt.Sprintf("%d MB", kilobytes/1024)
}

// end ends the program.
func (d *fleetDepot) end() error {
	if d.running == nil || d.running.Process == nil {
		return nil
	}
	_ = d.running.Process.Signal(syscall.SIGTERM)
	return d.running.Wait()
}

// ask has the program beside the one that serves answer a command about the folder.
func (d *fleetDepot) ask(command string, args ...string) ([]byte, error) {
	return exec.Command(d.program, append([]string{command, d.folder}, args...)...).Output()
}
