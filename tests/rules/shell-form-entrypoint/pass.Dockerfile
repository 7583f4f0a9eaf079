FROM scratch
ENTRYPOINT ["/app"]
CMD ["--serve"]
