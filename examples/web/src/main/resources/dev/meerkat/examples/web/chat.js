"use strict";
const element = (id) => document.getElementById(id);
let socket;

function connect(wait) {
  socket = new WebSocket(`ws://${location.host}/chat/room`);
  socket.onopen = () => { element("state").textContent = "connected"; wait = 500; };
  socket.onmessage = ({ data }) => {
    const line = document.createElement("li");
    line.textContent = data; // never as markup: it is what others have written
    element("said").append(line);
    line.scrollIntoView();
  };
  socket.onclose = () => {
    element("state").textContent = "not connected";
    setTimeout(() => connect(Math.min(wait * 2, 30_000)), wait * Math.random());
  };
}

element("form").onsubmit = (event) => {
  event.preventDefault();
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.send(`${element("name").value}: ${element("text").value}`);
  element("text").value = "";
};
connect(500);
