// The app in Node: `node node.cjs FOLDER`. The process has to end by itself.

const app = require(`${process.argv[2]}/rust_app.js`);

Promise.all([app.answer(), app.waits()]).then(values => console.log(JSON.stringify(values)));
