// Runs the Core Rule Set's regression tests with go-ftw, taken as a library, and stands behind the firewall while it does.
//
//	ftw run TESTS-FOLDER LOG-FILE PORT > result.json
//	ftw behind PORT
//
// go-ftw's own command waits for servers with a module that is not to be had everywhere, which is why its runner is called here.
// The server behind does what these tests use of albedo: 200 without a body everywhere, and at /reflect what the request asks for.
package main

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/coreruleset/go-ftw/config"
	"github.com/coreruleset/go-ftw/output"
	"github.com/coreruleset/go-ftw/runner"
	"github.com/coreruleset/go-ftw/test"
	"github.com/rs/zerolog"
)

func main() {
	log.SetFlags(0)
	zerolog.SetGlobalLevel(zerolog.WarnLevel)
	switch {
	case len(os.Args) == 5 && os.Args[1] == "run":
		run(os.Args[2], os.Args[3], number(os.Args[4]))
	case len(os.Args) == 3 && os.Args[1] == "behind":
		log.Fatal(http.ListenAndServe(net.JoinHostPort("127.0.0.1", os.Args[2]), http.HandlerFunc(answer)))
	default:
		log.Fatal("usage: ftw run TESTS LOG PORT | ftw behind PORT")
	}
}

func number(text string) int {
	port, err := strconv.Atoi(text)
	if err != nil {
		log.Fatal(err)
	}
	return port
}

func run(folder, logFile string, port int) {
	tests, err := test.GetTestsFromFiles(folder + "/**/*.yaml")
	if err != nil {
		log.Fatal(err)
	}
	// A test that fails twice with it ends the whole run of go-ftw 1.3.0.
	for _, file := range tests {
		for at := range file.Tests {
			for stage := range file.Tests[at].Stages {
				file.Tests[at].Stages[stage].Output.RetryOnce = nil
			}
		}
	}
	address := "127.0.0.1"
	settings := config.NewDefaultConfig()
	settings.LogFile = logFile
	settings.MaxMarkerRetries = 1000
	settings.TestOverride.Overrides.DestAddr = &address
	settings.TestOverride.Overrides.Port = &port
	limits := &runner.RunnerConfig{ConnectTimeout: 3 * time.Second, ReadTimeout: 10 * time.Second}
	ran, err := runner.Run(settings, tests, limits, output.NewOutput("quiet", os.Stderr))
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(ran.Stats); err != nil {
		log.Fatal(err)
	}
}

// What a request to /reflect asks for.
type asked struct {
	Status      int               `json:"status"`
	Headers     map[string]string `json:"headers"`
	Body        string            `json:"body"`
	EncodedBody string            `json:"encodedBody"`
}

func answer(writer http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(io.LimitReader(request.Body, 16<<20))
	if err != nil || request.URL.Path != "/reflect" || request.Method != http.MethodPost {
		return
	}
	wanted := asked{Status: http.StatusOK}
	if err := json.Unmarshal(body, &wanted); err != nil {
		http.Error(writer, err.Error(), http.StatusBadRequest)
		return
	}
	text := []byte(wanted.Body)
	if wanted.EncodedBody != "" {
		if text, err = base64.StdEncoding.DecodeString(wanted.EncodedBody); err != nil {
			http.Error(writer, err.Error(), http.StatusBadRequest)
			return
		}
	}
	for name, value := range wanted.Headers {
		writer.Header().Set(name, value)
	}
	if wanted.Status == 0 {
		wanted.Status = http.StatusOK
	}
	writer.WriteHeader(wanted.Status)
	if _, err := writer.Write(text); err != nil {
		log.Print(err)
	}
}
