module example.com/acme/sweeper

go 1.24
