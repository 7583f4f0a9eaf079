FROM golang:latest
USER 65532:65532
