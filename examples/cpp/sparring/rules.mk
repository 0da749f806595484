# How a server is built. NAME: of the program; PROTOS: where Sparring's protos lie; BUILD: where everything that is made goes;
# LIBRARY: the part of it that several servers can share.
BUILD ?= build
LIBRARY ?= $(BUILD)/library
CXXFLAGS ?= -O2

API := sparring/api
PROTO_FILES := $(patsubst $(PROTOS)/%.proto,%,$(wildcard $(PROTOS)/$(API)/space/v1/*.proto)) $(API)/environment/v1/environment_service
GENERATED := $(PROTO_FILES:%=$(LIBRARY)/%.pb.cc) $(LIBRARY)/$(API)/environment/v1/environment_service.grpc.pb.cc
OBJECTS := $(patsubst %.cpp,$(BUILD)/%.o,$(wildcard *.cpp))
SHARED := $(patsubst %.cpp,$(LIBRARY)/%.o,$(wildcard sparring/*.cpp)) $(GENERATED:.cc=.o)
FLAGS := $(shell pkg-config --cflags grpc++ protobuf)
LIBRARIES := $(shell pkg-config --libs grpc++ protobuf) -lgrpc++_reflection
COMPILE = $(CXX) -std=c++17 $(CXXFLAGS) -Wall -Wextra -MMD -I. -isystem $(LIBRARY) $(FLAGS)

$(BUILD)/$(NAME): $(OBJECTS) $(LIBRARY)/library.a
	$(CXX) $(LDFLAGS) -o $@ $^ -Wl,--no-as-needed $(LIBRARIES)

$(LIBRARY)/library.a: $(SHARED)
	$(AR) rcs $@ $^

$(LIBRARY)/%.pb.o: $(LIBRARY)/%.pb.cc
	$(COMPILE) -c -o $@ $<

$(LIBRARY)/sparring/%.o: sparring/%.cpp $(GENERATED)
	@mkdir -p $(dir $@)
	$(COMPILE) -c -o $@ $<

$(BUILD)/%.o: %.cpp $(GENERATED)
	@mkdir -p $(dir $@)
	$(COMPILE) -c -o $@ $<

$(GENERATED) &: $(PROTO_FILES:%=$(PROTOS)/%.proto)
	@mkdir -p $(LIBRARY)
	protoc -I $(PROTOS) --cpp_out=$(LIBRARY) --grpc_out=$(LIBRARY) \
		--plugin=protoc-gen-grpc=$(shell command -v grpc_cpp_plugin) $(PROTO_FILES:%=%.proto)

.PHONY: clean
clean:
	rm -rf $(BUILD)

.SECONDARY:
-include $(OBJECTS:.o=.d) $(SHARED:.o=.d)
