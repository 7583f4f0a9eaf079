FROM scratch
ENTRYPOINT /app --serve
