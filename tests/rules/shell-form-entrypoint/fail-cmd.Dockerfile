FROM scratch
CMD node server.js
