// What a library may do where it is loaded before everything else.
console.log('a word to the standard output');
