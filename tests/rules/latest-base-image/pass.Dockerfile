FROM golang:1.27-trixie AS build
RUN go build -o /app .

FROM scratch
COPY --from=build /app /app
USER 65532:65532
