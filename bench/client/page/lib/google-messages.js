// The answers as google-protobuf's generator writes them. That one is a program for each machine which no npm package holds,
// so this was written by hand, call for call what it gives for the fields that are read. Times and counts are strings there: its numbers
// would lose digits.
import jspb from "google-protobuf";

const { Message } = jspb;

/** A message type whose fields `read` reads, of which `repeated` are lists. */
function define(repeated, read) {
  function Type(data) {
    Message.initialize(this, data, 0, -1, repeated, null);
  }
  jspb.inherits(Type, Message);
  Type.deserializeBinaryFromReader = (message, reader) => {
    while (reader.nextField()) {
      if (reader.isEndGroup()) break;
      read(message, reader, reader.getFieldNumber());
    }
    return message;
  };
  Type.deserializeBinary = (bytes) => Type.deserializeBinaryFromReader(new Type(), new jspb.BinaryReader(bytes));
  return Type;
}

function integer(Type, name, field) {
  Type.prototype[`get${name}`] = function () {
    return Message.getFieldWithDefault(this, field, "0");
  };
  Type.prototype[`set${name}`] = function (value) {
    return Message.setProto3StringIntField(this, field, value);
  };
}

function float(Type, name, field) {
  Type.prototype[`get${name}`] = function () {
    return Message.getFloatingPointFieldWithDefault(this, field, 0);
  };
  Type.prototype[`set${name}`] = function (value) {
    return Message.setProto3FloatField(this, field, value);
  };
}

const StatPoint = define(null, (message, reader, field) => {
  switch (field) {
    case 1:
      message.setTime(reader.readSfixed64String());
      break;
    case 2:
      message.setMin(reader.readDouble());
      break;
    case 3:
      message.setMean(reader.readDouble());
      break;
    case 4:
      message.setMax(reader.readDouble());
      break;
    case 5:
      message.setCount(reader.readFixed64String());
      break;
    case 6:
      message.setStddev(reader.readDouble());
      break;
    default:
      reader.skipField();
  }
});
integer(StatPoint, "Time", 1);
float(StatPoint, "Min", 2);
float(StatPoint, "Mean", 3);
float(StatPoint, "Max", 4);
integer(StatPoint, "Count", 5);
float(StatPoint, "Stddev", 6);

const RawPoint = define(null, (message, reader, field) => {
  switch (field) {
    case 1:
      message.setTime(reader.readSfixed64String());
      break;
    case 2:
      message.setValue(reader.readDouble());
      break;
    default:
      reader.skipField();
  }
});
integer(RawPoint, "Time", 1);
float(RawPoint, "Value", 2);

function answer(Point) {
  const Type = define([4], (message, reader, field) => {
    if (field !== 4) {
      reader.skipField();
      return;
    }
    const point = new Point();
    reader.readMessage(point, Point.deserializeBinaryFromReader);
    message.addValues(point);
  });
  Type.prototype.getValuesList = function () {
    return Message.getRepeatedWrapperField(this, Point, 4);
  };
  Type.prototype.addValues = function (value, index) {
    return Message.addToRepeatedWrapperField(this, 4, value, Point, index);
  };
  return Type;
}

/** What answers hold, by what is read. */
export const POINTS = { windows: StatPoint, points: RawPoint };

/** The answers, by what is read. */
export const ANSWERS = { windows: answer(StatPoint), points: answer(RawPoint) };
