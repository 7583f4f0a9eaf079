package com.example.orders;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Orders over HTTP. Uploads are spooled to a temporary file, as real apps do. */
@SpringBootApplication
@RestController
public class Orders {
    public static void main(String[] arguments) {
        SpringApplication.run(Orders.class, arguments);
    }

    @PostMapping("/upload")
    String upload(InputStream body) throws IOException {
        Path file = Files.createTempFile("upload-", null);
        Files.copy(body, file, StandardCopyOption.REPLACE_EXISTING);
        int read = Files.readAllBytes(file).length;
        Files.delete(file);
        return read + " bytes\n";
    }
}
