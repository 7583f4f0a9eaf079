document.querySelector("#greeting").textContent = "Home";
